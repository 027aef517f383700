"""The lines of tests/url_matrix.py for the API, and for calls and webhooks."""

from typing import Any

from tests.url_world import (
    HIDDEN,
    REFUSED,
    SEES,
    SIGN_IN,
    UNKNOWN,
    Line,
    World,
    activity,
    admins,
    agency,
    client,
    company,
    contact,
    contract,
    custom_field,
    deal,
    document,
    hugos,
    imported,
    mention,
    module_list,
    offer,
    own_import,
    public,
    received,
    rule,
    signed_in,
    subscription,
    tag,
)

# The API says 401 where a page leads to the sign-in.


def api(**other: set[int]) -> dict[str, set[int]]:
    """A resource of salespeople and administrators."""
    return {"nobody": UNKNOWN, "marketing": REFUSED, "am": REFUSED, "*": SEES, **other}


def of_api(codes: dict[str, set[int]]) -> dict[str, set[int]]:
    """The same as of a page, but that nobody is led to the sign-in."""
    return {**codes, "nobody": UNKNOWN}


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


API: dict[str, Line] = {
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
    "api:clients-list": Line(api(am=SEES)),
    "api:clients-detail": Line({**api_of_hugo(), "am": SEES}, client),
    "api:clients-health": Line({**api_of_hugo(), "am": SEES}, client),
    "api:agencies-list": Line(api(am=SEES)),
    "api:agencies-detail": Line(api(am=SEES), agency),
    "api:mentions-list": Line(api(am=SEES)),
    "api:mentions-detail": Line(api(am=SEES), mention),
    "api:pipeline-list": Line(api()),
    "api:tracking-list": Line(api()),
    "api:offers-list": Line(api(am=SEES)),
    "api:offers-detail": Line(api(am=SEES), offer),
    "api:contracts-list": Line(api(am=SEES)),
    "api:contracts-detail": Line({**api_of_hugo(), "am": SEES}, contract),
    "api:subscriptions-list": Line(api(am=SEES)),
    "api:subscriptions-detail": Line({**api_of_hugo(), "am": SEES}, subscription),
    "api:received-invoices-list": Line({**admins(), "nobody": UNKNOWN}),
    "api:received-invoices-detail": Line({**admins(), "nobody": UNKNOWN}, received),
    "api:received-invoices-download": Line({**admins(), "nobody": UNKNOWN}, received),
    "api:received-invoices-approve": Line({**admins({200, 422}), "nobody": UNKNOWN}, received, method="POST"),
    "api:received-invoices-reopen": Line({**admins({200, 422}), "nobody": UNKNOWN}, received, method="POST"),
    "api:received-invoices-refuse": Line(
        {**admins({422}), "nobody": UNKNOWN}, received, method="POST", extra=JSON_OBJECT
    ),
    "api:received-invoices-pay": Line(
        {**admins({422}), "nobody": UNKNOWN}, received, method="POST", extra=JSON_OBJECT
    ),
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
    "api:contact-imports-detail": Line(of_api(own_import()), imported),
    "api:contact-imports-start": Line(
        of_api(own_import({202, 409, 422}, admin=REFUSED)), imported, method="POST"
    ),
    "api:contact-imports-cancel": Line(of_api(own_import({200, 202, 409, 422})), imported, method="POST"),
    "api:contact-imports-undo": Line(of_api(own_import({202, 409, 422})), imported, method="POST"),
    "api:contact-imports-refused": Line(of_api(own_import()), imported),
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
    "api:jobs-retry": Line(own_of_api(HIDDEN), lambda world: {"pk": 10**17}, method="POST"),
    "api:jobs-cancel": Line(own_of_api(HIDDEN), lambda world: {"pk": 10**17}, method="POST"),
}


def caller(world: World) -> dict[str, Any]:
    return {"pk": world.caller.pk}


def delivery(world: World) -> dict[str, Any]:
    return {"pk": world.delivery.pk}


def run(world: World) -> dict[str, Any]:
    return {"pk": world.run.pk}


def replayed(world: World) -> dict[str, Any]:
    return {"pk": world.run.pk, "piece": world.run.pieces.get().pk}


CALLS: dict[str, Line] = {
    # --- The colleague's import
    "sync:run_list": Line(admins()),
    "sync:run_start": Line(admins({302}), method="POST"),
    "sync:run_detail": Line(admins(), run),
    "sync:run_replay": Line(admins({302}), replayed, method="POST"),
    "sync:conflict_list": Line(admins()),
    "sync:conflict_detail": Line(admins(), lambda world: {"pk": world.conflict.pk}),
    "api:sync/runs-list": Line({**admins(), "nobody": UNKNOWN}),
    "api:sync/runs-detail": Line({**admins(), "nobody": UNKNOWN}, run),
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
