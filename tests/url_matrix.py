"""The table of tests/test_url_matrix.py: one line a route."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crm.models import ContactImport, CustomField, ScoreRule, Tag
from crm.services.custom_field import create_field
from crm.services.tag import create_tag
from people.models import User
from tests.base import make_activity, make_company, make_contact, make_deal
from tests.sync.aircall import delivered, make_caller
from tests.timeline.documents import make_document
from timeline.models import Event

# Routes of libraries, which have rules of their own (tests below the matrix, and tests/people).
PREFIXES = ("accounts/", "admin/")

SEES = {200}
SIGN_IN = {302}
REFUSED = {403}
HIDDEN = {404}
UNKNOWN = {401}
STAFF = ("admin", "manager", "sales", "sales2", "stranger", "marketing", "am")
SALES = ("manager", "sales", "sales2", "stranger")


class World:
    """Hugo's records, and the numbers that addresses are made of."""

    def __init__(self, cast: dict[str, User]) -> None:
        self.cast = cast
        hugo = cast["sales"]
        self.company = make_company(hugo, owner=hugo)
        self.contact = make_contact(hugo, owner=hugo, company=self.company)
        self.activity = make_activity(hugo)
        self.deal = make_deal(hugo, company=self.company, contact=self.contact)
        self.tag: Tag = create_tag(user=cast["admin"], tag=Tag(name="Salon"))
        self.custom_field = create_field(
            user=cast["admin"], field=CustomField(subject="crm.contact", label="Canal préféré")
        )
        self.imported = ContactImport.objects.create(
            user=hugo, name="salon.csv", kind="csv", state=ContactImport.State.DONE, total=0
        )
        self.caller = make_caller(hugo)
        self.document = make_document(hugo, on=self.contact)
        self.delivery = delivered()
        self.event = Event.objects.latest("id")

    def arguments(self, name: str, line: "Line") -> dict[str, Any]:
        return line.kwargs(self) if line.kwargs else {}


@dataclass(frozen=True)
class Line:
    """Who gets what: `codes` by member of the cast, "*" for all who are not named."""

    codes: dict[str, set[int]]
    kwargs: Callable[[World], dict[str, Any]] | None = None
    method: str = "GET"
    extra: dict[str, Any] = field(default_factory=dict)
    # The query, where the bare address would answer otherwise.
    query: Callable[[World], str] | None = None


def expected(line: Line, key: str) -> set[int]:
    return line.codes.get(key, line.codes["*"])


def module_list(**other: set[int]) -> dict[str, set[int]]:
    """A page that salespeople and administrators may open."""
    return {"nobody": SIGN_IN, "marketing": REFUSED, "am": REFUSED, "*": SEES, **other}


def hugos(found: set[int] = SEES) -> dict[str, set[int]]:
    """A record of Hugo: his, his manager's and the administrators' to see."""
    return {
        "nobody": SIGN_IN,
        "marketing": REFUSED,
        "am": REFUSED,
        "sales2": HIDDEN,
        "stranger": HIDDEN,
        "*": found,
    }


def admins(found: set[int] = SEES) -> dict[str, set[int]]:
    """A page of administrators."""
    return {"nobody": SIGN_IN, "admin": found, "*": REFUSED}


def signed_in(found: set[int] = SEES) -> dict[str, set[int]]:
    """A page of one's own, for whoever signed in."""
    return {"nobody": SIGN_IN, "*": found}


def public(found: set[int] = SEES) -> dict[str, set[int]]:
    """A page for everybody."""
    return {"*": found}


def activity(world: World) -> dict[str, Any]:
    return {"pk": world.activity.pk}


def contact(world: World) -> dict[str, Any]:
    return {"pk": world.contact.pk}


def company(world: World) -> dict[str, Any]:
    return {"pk": world.company.pk}


def deal(world: World) -> dict[str, Any]:
    return {"pk": world.deal.pk}


def rule(world: World) -> dict[str, Any]:
    return {"pk": ScoreRule.objects.order_by("position")[0].pk}


def tag(world: World) -> dict[str, Any]:
    return {"pk": world.tag.pk}


def custom_field(world: World) -> dict[str, Any]:
    return {"pk": world.custom_field.pk}


def imported(world: World) -> dict[str, Any]:
    return {"pk": world.imported.pk}


def document(world: World) -> dict[str, Any]:
    return {"pk": world.document.pk}


def of_contact(world: World) -> str:
    return f"?record=crm.contact-{world.contact.pk}"


def hugo(world: World) -> dict[str, Any]:
    return {"pk": world.cast["sales"].pk}


def role(world: World) -> dict[str, Any]:
    return {"pk": world.cast["sales"].role_id}


def own_import(found: set[int] = SEES, **other: set[int]) -> dict[str, set[int]]:
    """Hugo's import: his and the administrators', not his manager's."""
    return {**hugos(found), "manager": HIDDEN, **other}


def api(codes: dict[str, set[int]]) -> dict[str, set[int]]:
    """The same, over the API: nobody is told to authenticate."""
    return {**codes, "nobody": UNKNOWN}


TAG_ADMIN = {"nobody": SIGN_IN, "admin": SEES, "*": REFUSED}

MATRIX: dict[str, Line] = {
    "home": Line(signed_in()),
    "search": Line(signed_in()),
    "health_live": Line(public()),
    "health_ready": Line(public({200, 503})),
    "metrics": Line(public({200, 403})),
    "note_new": Line(
        {
            "nobody": SIGN_IN,
            "marketing": HIDDEN,
            "am": HIDDEN,
            "sales2": HIDDEN,
            "stranger": HIDDEN,
            "*": {302},
        },
        lambda world: {"kind": "crm.contact", "pk": world.contact.pk},
        method="POST",
        extra={"data": {"body": "Bonjour"}},
    ),
    "latest_events": Line(signed_in()),
    "notification_list": Line(signed_in()),
    "notification_bell": Line(signed_in()),
    "notification_read": Line(signed_in({302}), method="POST"),
    "notification_open": Line({"nobody": SIGN_IN, "*": HIDDEN}, lambda world: {"pk": 1}),
    "panels": Line(
        hugos(SIGN_IN | {302}) | {"marketing": HIDDEN, "am": HIDDEN},
        lambda world: {"kind": "crm.contact", "pk": world.contact.pk},
    ),
    "mentions": Line(
        {**hugos(), "marketing": HIDDEN, "am": HIDDEN},
        lambda world: {"kind": "crm.contact", "pk": world.contact.pk},
    ),
    "note_edit": Line({"nobody": SIGN_IN, "*": HIDDEN}, lambda world: {"pk": 1}),
    "note_delete": Line({"nobody": SIGN_IN, "*": HIDDEN}, lambda world: {"pk": 1}, method="POST"),
    "bin_list": Line(signed_in()),
    "bin_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "bin_detail": Line({"nobody": SIGN_IN, "*": HIDDEN}, lambda world: {"pk": 1}),
    "bin_restore_one": Line({"nobody": SIGN_IN, "*": HIDDEN}, lambda world: {"pk": 1}, method="POST"),
    "bulk_undo": Line(
        {"nobody": SIGN_IN, "*": HIDDEN},
        lambda world: {"pk": "00000000-0000-0000-0000-000000000000"},
        method="POST",
    ),
    "bin_restore": Line(
        {"nobody": SIGN_IN, "*": HIDDEN},
        lambda world: {"batch": "00000000-0000-0000-0000-000000000000"},
        method="POST",
    ),
    "document_list": Line(module_list()),
    "document_new": Line(module_list(sales2=HIDDEN, stranger=HIDDEN), query=of_contact),
    "document_panel": Line(module_list(sales2=HIDDEN, stranger=HIDDEN), query=of_contact),
    "document_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "document_detail": Line(hugos(), document),
    "document_edit": Line(hugos(), document),
    "document_delete": Line(hugos(), document),
    "document_file": Line(hugos(), document),
    "document_view": Line(hugos(), document),
    # No worker drew it.
    "document_preview": Line({**hugos(HIDDEN), "marketing": REFUSED, "am": REFUSED}, document),
    "job_run": Line({"nobody": SIGN_IN, "*": HIDDEN}, lambda world: {"pk": 1}),
    "job_cancel": Line({"nobody": SIGN_IN, "*": HIDDEN}, lambda world: {"pk": 1}, method="POST"),
    "crm:activity_list": Line(module_list()),
    "crm:activity_day": Line(module_list()),
    "calendar_feed": Line({"*": HIDDEN}, lambda world: {"token": "x"}),
    "crm:calendar_link": Line(module_list()),
    "crm:activity_file": Line(hugos(), activity),
    "crm:activity_calendar": Line(module_list()),
    "crm:activity_move": Line(hugos({422}), activity, method="POST"),
    "crm:activity_new": Line(module_list()),
    "crm:activity_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "crm:activity_detail": Line(hugos(), activity),
    "crm:activity_edit": Line(hugos(), activity),
    "crm:activity_delete": Line(hugos(), activity),
    "crm:activity_done": Line(hugos(), activity),
    "crm:activity_reopen": Line(hugos({302}), activity, method="POST"),
    "crm:duplicate_list": Line(module_list()),
    "crm:duplicate_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "crm:duplicate_search": Line(
        {"nobody": SIGN_IN, "marketing": REFUSED, "am": REFUSED, "*": {302}}, method="POST"
    ),
    "crm:contact_lookup": Line(module_list()),
    "crm:contact_twins": Line(module_list()),
    "crm:company_twins": Line(module_list()),
    "crm:contact_merge": Line(hugos(), query=lambda world: f"?one={world.contact.pk}"),
    "crm:company_merge": Line(hugos(), query=lambda world: f"?one={world.company.pk}"),
    "crm:merge_undo": Line({"nobody": SIGN_IN, "*": HIDDEN}, lambda world: {"pk": 1}, method="POST"),
    "crm:contact_list": Line(module_list()),
    "crm:contact_new": Line(module_list()),
    "crm:contact_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "crm:contact_move": Line(module_list(**{"*": HIDDEN}), method="POST"),
    "crm:contact_detail": Line(hugos(), contact),
    "crm:contact_edit": Line(hugos(), contact),
    "crm:contact_delete": Line(hugos(), contact),
    "crm:company_list": Line(module_list()),
    "crm:map": Line(module_list()),
    "crm:towns": Line(signed_in()),
    "crm:company_new": Line(module_list()),
    "crm:company_suggest": Line(module_list()),
    "sync:integration_list": Line(admins()),
    "sync:integration_detail": Line(admins(), lambda world: {"provider": "pappers"}),
    "sync:integration_test": Line(admins({302}), lambda world: {"provider": "pappers"}, method="POST"),
    "sync:integration_disconnect": Line(admins(), lambda world: {"provider": "pappers"}),
    "sync:outbox": Line(admins()),
    # By default only administrators ask for scores: it costs.
    "sync:solvency_ask": Line(admins(), company),
    "sync:solvency_collect": Line(admins({302}), company, method="POST"),
    "crm:company_lookup": Line(module_list()),
    "crm:company_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "crm:company_detail": Line(hugos(), company),
    "crm:company_edit": Line(hugos(), company),
    "crm:company_delete": Line(hugos(), company),
    "crm:deal_list": Line(module_list(), query=lambda world: "?all=1"),
    "crm:deal_new": Line(module_list()),
    "crm:deal_lookup": Line(module_list()),
    "crm:deal_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "crm:deal_move": Line(module_list(**{"*": HIDDEN}), method="POST"),
    "crm:deal_quick": Line(module_list(**{"*": {302}}), method="POST"),
    "crm:deal_detail": Line(hugos(), deal),
    "crm:deal_edit": Line(hugos(), deal),
    "crm:deal_lose": Line(hugos(), deal),
    "crm:deal_delete": Line(hugos(), deal),
    "crm:deal_stage": Line(hugos(HIDDEN), deal, method="POST"),
    "crm:deal_unmove": Line(
        hugos(HIDDEN), lambda world: {"pk": world.deal.pk, "token": "nothing"}, method="POST"
    ),
    "crm:contact_rating": Line(hugos({302, 422}), contact, method="POST"),
    "crm:score_rule_list": Line(admins()),
    "crm:score_rule_edit": Line(admins(), rule),
    "crm:tag_list": Line(module_list()),
    "crm:tag_new": Line(module_list()),
    "crm:tag_edit": Line(TAG_ADMIN, tag),
    "crm:tag_delete": Line(TAG_ADMIN, tag),
    "crm:custom_field_list": Line(admins()),
    "crm:custom_field_new": Line(admins()),
    "crm:custom_field_order": Line(admins({302}), method="POST"),
    "crm:custom_field_edit": Line(admins(), custom_field),
    "crm:custom_field_archive": Line(admins({302}), custom_field, method="POST"),
    "crm:custom_field_delete": Line(admins(), custom_field),
    "people:list_preference": Line(signed_in(HIDDEN), method="POST"),
    "people:saved_view_new": Line(signed_in({302}), method="POST"),
    "people:saved_view_delete": Line(signed_in(HIDDEN), lambda world: {"pk": 1}, method="POST"),
    # --- Imports: one's own, and all for administrators
    "crm:contact_import_new": Line(module_list()),
    "crm:contact_import_list": Line(module_list()),
    "crm:contact_import_template": Line(module_list()),
    "crm:contact_import_detail": Line(own_import(), imported),
    # Only who uploaded the file sets it up and resumes it.
    "crm:contact_import_setup": Line(own_import({302}, admin=REFUSED), imported),
    "crm:contact_import_refused": Line(own_import(), imported),
    "crm:contact_import_undo": Line(own_import({200, 302}), imported),
    "crm:contact_import_resume": Line(own_import({302, 409, 422}, admin=REFUSED), imported, method="POST"),
    "crm:contact_import_cancel": Line(own_import({302, 409, 422}), imported, method="POST"),
    # --- Team, roles, audit log: administrators
    "people:user_list": Line(admins()),
    "people:user_new": Line(admins()),
    "people:user_detail": Line(admins(), hugo),
    "people:user_edit": Line(admins(), hugo),
    "people:user_targets": Line(admins(), hugo),
    "people:user_remove": Line(admins(), hugo),
    "people:user_deactivate": Line(admins({200, 302}), hugo),
    "people:user_activate": Line(admins({200, 302, 422}), hugo, method="POST"),
    "people:invitation_send": Line(admins({302, 422}), hugo, method="POST"),
    "people:invitation_revoke": Line(admins(HIDDEN), lambda world: {"pk": 1}, method="POST"),
    "people:view_as": Line(admins({302}), hugo, method="POST"),
    "people:view_as_stop": Line(signed_in({302}), method="POST"),
    "people:role_list": Line(admins()),
    "people:role_new": Line(admins()),
    "people:role_edit": Line(admins(), role),
    "people:role_delete": Line(admins({200, 302, 403, 409}), role),
    "timeline:event_list": Line(admins()),
    "timeline:event_detail": Line(admins(), lambda world: {"pk": world.event.pk}),
    # --- One's own
    "people:me": Line(signed_in()),
    "people:me_edit": Line(signed_in()),
    "people:photo": Line(signed_in(HIDDEN), lambda world: {"name": "nobody.webp"}),
    "people:session_end": Line(signed_in(HIDDEN), lambda world: {"pk": 1}, method="POST"),
    "people:token_new": Line(signed_in()),
    "people:token_revoke": Line(signed_in(HIDDEN), lambda world: {"pk": 1}, method="POST"),
    # --- API: the same rights, 401 for nobody (the verbs are in tests/contracts/api.py)
    "api:root": Line(api(signed_in())),
    "api:docs": Line(signed_in()),
    "api:schema": Line(api(signed_in())),
    "api:not-found": Line({"*": HIDDEN | UNKNOWN}, lambda world: {"rest": "nothing/"}),
    "api:activities-list": Line(api(module_list())),
    "api:activities-detail": Line(api(hugos()), activity),
    "api:contacts-list": Line(api(module_list())),
    "api:contacts-detail": Line(api(hugos()), contact),
    "api:companies-list": Line(api(module_list())),
    "api:companies-map-counts": Line(api(module_list())),
    "api:companies-detail": Line(api(hugos()), company),
    "api:tags-list": Line(api(module_list())),
    "api:tags-detail": Line(api(module_list()), tag),
    "api:users-list": Line(api(admins())),
    "api:users-detail": Line(api(admins()), hugo),
    "api:users-me": Line(api(signed_in())),
    "api:contact-imports-list": Line(api(module_list())),
    "api:contact-imports-detail": Line(api(own_import()), imported),
    "api:contact-imports-refused": Line(api(own_import()), imported),
    "api:contact-imports-start": Line(api(own_import({202, 409, 422})), imported, method="POST"),
    "api:contact-imports-undo": Line(api(own_import({202, 409, 422})), imported, method="POST"),
    "api:contact-imports-cancel": Line(api(own_import({200, 202, 409, 422})), imported, method="POST"),
}

# The API says 401 where a page leads to the sign-in.
UNKNOWN = {401}


def api(**other: set[int]) -> dict[str, set[int]]:
    """A resource of salespeople and administrators."""
    return {"nobody": UNKNOWN, "marketing": REFUSED, "am": REFUSED, "*": SEES, **other}


def api_of_hugo() -> dict[str, set[int]]:
    return api(sales2=HIDDEN, stranger=HIDDEN)


def own_of_api(found: set[int] = SEES) -> dict[str, set[int]]:
    """One's own, for whoever is known."""
    return {"nobody": UNKNOWN, "*": found}


def merging() -> dict[str, set[int]]:
    """An empty body says what is lacking, to whom the record is to be changed."""
    return {**api_of_hugo(), **{key: {422} for key in ("admin", "manager", "sales")}}


def of_hugos_contact() -> dict[str, set[int]]:
    """What hangs on a record: a record out of sight is not there."""
    return {"nobody": UNKNOWN, **dict.fromkeys(("admin", "manager", "sales"), SEES), "*": HIDDEN}


def subject(world: World) -> str:
    return f"?subject=crm.contact:{world.contact.pk}"


JSON_OBJECT: dict[str, Any] = {"data": {}, "content_type": "application/json"}


def first(world: World) -> dict[str, Any]:
    return {"pk": 1}


MATRIX |= {
    "api:root": Line({"nobody": UNKNOWN, "*": SEES}),
    "api:schema": Line({"nobody": UNKNOWN, "*": SEES}),
    "api:docs": Line(signed_in()),
    "api:not-found": Line(public(HIDDEN), lambda world: {"rest": "nothing/"}),
    "api:activities-list": Line(api()),
    "api:activities-detail": Line(api_of_hugo(), activity),
    "api:contacts-list": Line(api()),
    "api:contacts-detail": Line(api_of_hugo(), contact),
    "api:contacts-score": Line(api_of_hugo(), contact),
    "api:score-rules-list": Line({"nobody": UNKNOWN, "admin": SEES, "*": REFUSED}),
    "api:score-rules-detail": Line({"nobody": UNKNOWN, "admin": SEES, "*": REFUSED}, rule),
    "api:companies-list": Line(api()),
    "api:companies-map-counts": Line(api()),
    "api:companies-detail": Line(api_of_hugo(), company),
    # Hugo's company has no SIREN: nothing can be looked up.
    "api:companies-fill": Line(
        {**api_of_hugo(), "*": {422}}, company, method="POST", extra={"content_type": "application/json"}
    ),
    "api:company-data-list": Line(api(**{"*": {422}})),
    "api:deals-list": Line(api()),
    "api:deals-detail": Line(api_of_hugo(), deal),
    "api:documents-list": Line(api()),
    "api:documents-detail": Line(api_of_hugo(), document),
    "api:documents-download": Line(api_of_hugo(), document),
    "api:custom-fields-list": Line({"nobody": UNKNOWN, "admin": SEES, "*": REFUSED}),
    "api:custom-fields-detail": Line({"nobody": UNKNOWN, "admin": SEES, "*": REFUSED}, custom_field),
    "api:tags-list": Line(api()),
    "api:tags-detail": Line(api(), tag),
    "api:users-list": Line({"nobody": UNKNOWN, "admin": SEES, "*": REFUSED}),
    "api:users-detail": Line(
        {"nobody": UNKNOWN, "admin": SEES, "*": REFUSED}, lambda world: {"pk": world.cast["sales"].pk}
    ),
    "api:users-me": Line({"nobody": UNKNOWN, "*": SEES}),
    "api:contact-imports-list": Line(api()),
    "api:contact-imports-detail": Line(api(**{"*": HIDDEN}), first),
    "api:contact-imports-start": Line(api(**{"*": HIDDEN}), first, method="POST"),
    "api:contact-imports-cancel": Line(api(**{"*": HIDDEN}), first, method="POST"),
    "api:contact-imports-undo": Line(api(**{"*": HIDDEN}), first, method="POST"),
    "api:contact-imports-refused": Line(api(**{"*": HIDDEN}), first),
    "api:activities-done": Line(api_of_hugo(), activity, method="POST", extra=JSON_OBJECT),
    "api:deals-board": Line(api()),
    "api:contacts-merge": Line(merging(), contact, method="POST", extra=JSON_OBJECT),
    "api:companies-merge": Line(merging(), company, method="POST", extra=JSON_OBJECT),
    "api:duplicates-list": Line(api()),
    "api:duplicates-detail": Line(api(**{"*": HIDDEN}), first),
    "api:duplicates-dismiss": Line(api(**{"*": HIDDEN}), first, method="POST"),
    "api:duplicates-search": Line(api(**{"*": {202}}), method="POST"),
    "api:merges-list": Line(own_of_api()),
    "api:merges-detail": Line(own_of_api(HIDDEN), first),
    "api:merges-undo": Line(own_of_api(HIDDEN), first, method="POST"),
    # The bin is everybody's who may delete something.
    "api:bin-list": Line(own_of_api()),
    "api:bin-detail": Line(own_of_api(HIDDEN), first),
    "api:bin-restore": Line(own_of_api(HIDDEN), first, method="POST"),
    "api:bin-restore-batch": Line(own_of_api({422}), method="POST", extra=JSON_OBJECT),
    "api:notifications-list": Line(own_of_api()),
    "api:notifications-detail": Line(own_of_api(HIDDEN), lambda world: {"pk": 10**17}),
    "api:notifications-unread": Line(own_of_api()),
    "api:notifications-read": Line(own_of_api(HIDDEN), lambda world: {"pk": 10**17}, method="POST"),
    "api:notifications-read-all": Line(own_of_api(), method="POST"),
    "api:notes-list": Line(of_hugos_contact(), query=subject),
    "api:notes-detail": Line(own_of_api(HIDDEN), lambda world: {"pk": 10**17}),
    "api:events-list": Line(of_hugos_contact(), query=subject),
    "api:jobs-list": Line(own_of_api()),
    "api:jobs-detail": Line(own_of_api(HIDDEN), lambda world: {"pk": 10**17}),
    "api:jobs-cancel": Line(own_of_api(HIDDEN), lambda world: {"pk": 10**17}, method="POST"),
}


def caller(world: World) -> dict[str, Any]:
    return {"pk": world.caller.pk}


def delivery(world: World) -> dict[str, Any]:
    return {"pk": world.delivery.pk}


MATRIX |= {
    # --- Calls and webhooks
    "sync:hook": Line(public(HIDDEN), lambda world: {"provider": "aircall", "secret": "x"}, method="POST"),
    "sync:webhook_list": Line(admins()),
    "sync:webhook_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "sync:webhook_detail": Line(admins(), delivery),
    "sync:webhook_replay": Line(admins({302}), delivery, method="POST"),
    "sync:aircall": Line(admins()),
    "sync:aircall_webhook": Line(admins({302}), method="POST"),
    "sync:aircall_fetch": Line(admins({302}), method="POST"),
    "sync:caller_list": Line(module_list()),
    "sync:caller_bulk": Line({"nobody": SIGN_IN, "*": REFUSED}, method="POST"),
    "sync:caller_detail": Line(hugos(), caller),
    "sync:caller_contact": Line(hugos(), caller),
    "sync:caller_attach": Line(hugos(), caller),
    "sync:caller_ignore": Line(hugos({302}), caller, method="POST"),
    "sync:caller_heed": Line(hugos({302}), caller, method="POST"),
    "api:webhook-deliveries-list": Line({**admins(), "nobody": UNKNOWN}),
    "api:webhook-deliveries-detail": Line({**admins(), "nobody": UNKNOWN}, delivery),
    "api:webhook-deliveries-body": Line({**admins(), "nobody": UNKNOWN}, delivery),
    "api:webhook-deliveries-replay": Line({**admins({202}), "nobody": UNKNOWN}, delivery, method="POST"),
    "api:unknown-calls-list": Line(api()),
    "api:unknown-calls-detail": Line(api_of_hugo(), caller),
    "api:unknown-calls-identify": Line(
        api(**{"*": {422}, "sales2": HIDDEN, "stranger": HIDDEN}),
        caller,
        method="POST",
        extra={"data": "{}", "content_type": "application/json"},
    ),
    "api:unknown-calls-ignore": Line(api_of_hugo(), caller, method="POST"),
    "api:unknown-calls-heed": Line(api_of_hugo(), caller, method="POST"),
}
