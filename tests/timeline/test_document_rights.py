"""Who sees documents: for any grants and owners, whatever happens to records, what the plain rule says."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Activity, Client, Company, Contact, Deal
from crm.services.activity import change_activities
from crm.services.company import change_company
from crm.services.contact import change_contacts, delete_contacts
from crm.services.deal import change_deals
from crm.services.merge import merge_records, undo_merge
from digiweb.jobs import run_job
from people.hand_over import owned_kinds
from people.models import Grant, Role, User
from people.services.removal import remove_member
from sales.models import Contract
from tests.base import make_activity, make_cast, make_client, make_company, make_contact, make_deal, make_role
from tests.timeline.documents import make_document
from timeline.models import Document
from timeline.models.document import ON_RECORD, document_kinds

KINDS = ("crm.contact", "crm.company", "crm.deal", "crm.activity", "crm.client", "sales.contract")
MODELS: dict[str, Any] = {
    "crm.contact": Contact, "crm.company": Company, "crm.deal": Deal, "crm.activity": Activity,
    "crm.client": Client, "sales.contract": Contract,
}  # fmt: skip
FEW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SCOPES = st.sampled_from([None, "own", "team", "all"])


def may(user: User, action: str, document: Document) -> bool:
    """The rule in plain words: the module is granted, and the record allows as much."""
    if not user.can("timeline.document", action):
        return False
    model = MODELS[document.subject_type]
    record = model.objects.filter(pk=document.subject_id).first()
    if record is None:  # in nobody's sight, whatever the grants
        return False
    return bool(user.can(model.module, ON_RECORD[action], record))


def agrees(users: list[User], actions: tuple[str, ...] = ("view", "change", "export")) -> None:
    """All three shapes of the scope give what the rule gives, and the copies are those of the records."""
    documents = list(Document.objects.all())
    for user in users:
        user = User.objects.select_related("role").get(pk=user.pk)
        for action in actions:
            wanted = {one.pk for one in documents if may(user, action, one)}
            assert set(Document.objects.visible_to(user, action).values_list("pk", flat=True)) == wanted
            branches = Document.objects.scope_branches(user, action)
            assert {pk for branch in branches for pk in branch.values_list("pk", flat=True)} == wanted
            portions = Document.objects.scope_portions(user, action)
            counted = [pk for portion in portions for pk in portion.values_list("pk", flat=True)]
            assert sorted(counted) == sorted(wanted)
    for one in documents:
        if one.subject_type != "crm.company":
            assert one.owner_id == MODELS[one.subject_type].objects.get(pk=one.subject_id).owner_id


def test_all_kinds_that_take_documents_are_tried_here() -> None:
    # Quotes and invoices are owned as contracts are, mandates as their clients.
    assert set(document_kinds()) == {*KINDS, "sales.quote", "sales.invoice", "sales.mandate"}


@pytest.mark.django_db
@pytest.mark.sqlite
@FEW
@given(
    module=st.booleans(),
    scopes=st.tuples(SCOPES, SCOPES, SCOPES, SCOPES, SCOPES, SCOPES),
    changes=st.tuples(SCOPES, SCOPES, SCOPES, SCOPES, SCOPES, SCOPES),
    owners=st.lists(st.integers(-1, 3), min_size=6, max_size=12),
)
def test_documents_follow_their_records(
    module: bool, scopes: tuple[Any, ...], changes: tuple[Any, ...], owners: list[int]
) -> None:
    for model in (Document, Activity, Deal, Contract, Client, Contact, Company, User, Role):
        model.objects.all().delete()
    role = Role.objects.create(name="r", slug="r")
    for kind, scope, change in zip(KINDS, scopes, changes, strict=True):
        for action, reach in (("view", scope), ("export", scope), ("change", change)):
            if reach:
                Grant.objects.create(role=role, module=kind, action=action, scope=reach)
    for action in ("view", "change", "export") if module else ():
        Grant.objects.create(role=role, module="timeline.document", action=action, scope="all")
    boss, ines, hugo, samir = staff = [
        User.objects.create_user(f"p{n}@x.test", first_name="P", last_name=str(n), role=role)
        for n in range(4)
    ]
    User.objects.filter(pk__in=[ines.pk, hugo.pk]).update(manager=boss)
    admin = User.objects.create_superuser("root@x.test", "x", first_name="R", last_name="R")
    for place, number in enumerate(owners):
        owner = staff[number] if number >= 0 else None
        kind = place % 6
        if kind == 0:
            record: Any = make_contact(admin, owner=owner)
        elif kind == 1:
            record = make_company(admin, owner=owner)
        elif kind == 2:
            record = make_deal(owner or admin)
        elif kind == 3:
            record = make_activity(owner or admin)
        elif kind == 4:
            record = make_client(admin, owner=owner)
        else:
            bought = make_client(admin, owner=owner)
            record = Contract.objects.create(reference=f"C-{place}", client=bought, owner=owner)
        make_document(admin, on=record, owner=admin)
    agrees([boss, hugo, samir, admin])


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


class TestOwnersChange:
    def test_by_every_verb_the_documents_follow(self, cast: dict[str, User]) -> None:
        users = [cast[key] for key in ("sales", "sales2", "manager", "stranger", "marketing")]
        hugo, samir = cast["sales"], cast["stranger"]
        contact, company = make_contact(hugo, owner=hugo), make_company(hugo, owner=hugo)
        deal, activity = make_deal(hugo), make_activity(hugo)
        for record in (contact, company, deal, activity):
            make_document(hugo, on=record)
        agrees(users)
        assert Document.objects.visible_to(samir).count() == 0
        admin = cast["admin"]
        change_contacts(user=admin, pks=[contact.pk], values={"owner": samir})
        change_company(user=admin, company=company, values={"owner": samir})
        change_deals(user=admin, pks=[deal.pk], values={"owner": samir})
        change_activities(user=admin, pks=[activity.pk], values={"owner": samir})
        agrees(users)
        assert Document.objects.visible_to(samir).count() == 4
        assert Document.objects.visible_to(hugo).count() == 0
        change_contacts(user=admin, pks=[contact.pk], values={"owner": None})
        agrees(users)

    def test_a_company_is_seen_through_its_contacts(self, cast: dict[str, User]) -> None:
        hugo, samir = cast["sales"], cast["stranger"]
        company = make_company(hugo, owner=hugo)
        make_document(hugo, on=company)
        assert not Document.objects.visible_to(samir).exists()
        contact = make_contact(samir, owner=samir, company=company)
        assert Document.objects.visible_to(samir).exists()
        delete_contacts(user=samir, pks=[contact.pk])
        assert not Document.objects.visible_to(samir).exists()
        agrees([hugo, samir, cast["manager"]])

    def test_a_merge_carries_them_over_and_its_undoing_gives_them_back(self, cast: dict[str, User]) -> None:
        admin, hugo, samir = cast["admin"], cast["sales"], cast["stranger"]
        kept, lost = make_contact(hugo, owner=hugo), make_contact(samir, owner=samir)
        theirs = make_document(samir, on=lost)
        merge = merge_records(user=admin, kept=kept, lost=lost, take=set())
        theirs.refresh_from_db()
        assert (theirs.subject_id, theirs.owner_id) == (kept.pk, hugo.pk)
        agrees([hugo, samir])
        undo_merge(user=admin, merge=merge)
        theirs.refresh_from_db()
        assert (theirs.subject_id, theirs.owner_id) == (lost.pk, samir.pk)
        agrees([hugo, samir])

    def test_a_member_who_leaves_hands_over_what_they_see(self, cast: dict[str, User]) -> None:
        hugo, ines = cast["sales"], cast["sales2"]
        contact, activity = make_contact(hugo, owner=hugo), make_activity(hugo)
        documents = [make_document(hugo, on=contact), make_document(hugo, on=activity)]
        successors = {kind.model: ines for kind in owned_kinds()}
        run = remove_member(user=cast["admin"], person=hugo, successors=successors)
        run_job(run.pk, "")
        assert set(Document.objects.visible_to(ines)) == set(documents)
        assert {one.added_by_id for one in Document.objects.all()} == {hugo.pk}
        agrees([ines, cast["manager"]])


def test_nobody_sees_documents_without_the_grant_of_the_module(cast: dict[str, User]) -> None:
    role = make_role("contacts", crm_contact=("all", ["view", "change"]))
    cast["am"].role = role
    cast["am"].save()
    document = make_document(cast["sales"])
    assert not User.objects.get(pk=cast["am"].pk).can("timeline.document", "view", document)
