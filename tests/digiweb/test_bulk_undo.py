"""Bulk actions taken back as one: what had changed goes back, what changed since stays."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm.models import Activity, Company, Contact, Deal, DealTotal, Tag
from crm.services.contact import change_contact
from crm.services.tag import create_tag
from people.models import User
from tests.base import client_of, make_activity, make_cast, make_company, make_contact, make_deal
from timeline.models import BulkChange, Event
from timeline.services.bulk_change import purge_bulk_changes

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def act(client: Any, path: str, records: list[Any], **data: Any) -> str:
    """Run a bulk action; the address of its undoing, as the toast on the next page has it."""
    pks = [record.pk for record in records]
    answer = client.post(f"{path}bulk/", {"pk": pks, "confirm": "1", **data})
    assert answer.status_code == 302
    found = re.search(r"/undo/[0-9a-f-]{36}/", client.get(f"{path}?all=1").content.decode())
    assert found
    return found[0]


def test_owners_and_statuses_go_back_to_what_each_had(cast: dict[str, User]) -> None:
    manager, hugo, ines = cast["manager"], cast["sales"], cast["sales2"]
    contacts = [
        make_contact(manager, owner=owner, status=status)
        for owner, status in ((hugo, "lead"), (ines, "client"), (None, "prospect"))
    ]
    client = client_of(manager)
    before = list(Contact.objects.order_by("pk").values_list("owner", "status"))
    undo = act(client, "/crm/contacts/", contacts, action="assign", owner=ines.pk)
    again = act(client, "/crm/contacts/", contacts, action="status", status="client")
    assert set(Contact.objects.values_list("owner", "status")) == {(ines.pk, "client")}
    assert client.post(again).status_code == 302
    assert client.post(undo, headers=HTMX).status_code == 204
    assert list(Contact.objects.order_by("pk").values_list("owner", "status")) == [
        (ines.pk, "lead"),
        (ines.pk, "client"),
        (ines.pk, "prospect"),
    ]  # the first undoing changed them since: they stay
    assert before != list(Contact.objects.order_by("pk").values_list("owner", "status"))
    assert Event.objects.filter(action="changed", actor_id=manager.pk).exists()


def test_what_somebody_changed_since_stays_and_is_told(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    contacts = [make_contact(hugo, owner=hugo, status="lead") for _number in range(3)]
    client = client_of(hugo)
    undo = act(client, "/crm/contacts/", contacts, action="status", status="client")
    change_contact(user=hugo, contact=contacts[0], values={"city": "Lyon"})
    client.post(undo)
    assert sorted(Contact.objects.values_list("status", flat=True)) == ["client", "lead", "lead"]
    page = client.get("/crm/contacts/?all=1").content.decode()
    assert "2 fiches sont" in page
    assert "1 fiche reste" in page


def test_tags_go_back_one_by_one(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    vip, salon = (create_tag(user=cast["admin"], tag=Tag(name=name)) for name in ("VIP", "Salon"))
    one, two = make_contact(hugo, owner=hugo, tags=[vip]), make_contact(hugo, owner=hugo, tags=[salon])
    client = client_of(hugo)
    undo = act(client, "/crm/contacts/", [one, two], action="tag", add=[vip.pk], remove=[salon.pk])
    assert [set(contact.tags.all()) for contact in (one, two)] == [{vip}, {vip}]
    client.post(undo)
    assert [set(contact.tags.all()) for contact in (one, two)] == [{vip}, {salon}]


def test_stages_of_deals_go_back_with_their_reasons_and_sums(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    lost = make_deal(hugo, amount=100, stage="lost", lost_reason="price", lost_comment="Trop cher")
    new = make_deal(hugo, amount=10)
    client = client_of(hugo)
    undo = act(client, "/crm/deals/", [lost, new], action="stage", stage="won")
    assert set(Deal.objects.values_list("stage", "amount")) == {("won", 100), ("won", 10)}
    client.post(undo)
    fields = ("stage", "lost_reason", "lost_comment")
    assert list(Deal.objects.order_by("pk").values_list(*fields)) == [
        ("lost", "price", "Trop cher"), ("discovery", "", ""),
    ]  # fmt: skip
    assert dict(DealTotal.objects.filter(count__gt=0).values_list("stage", "amount")) == {
        "lost": 100,
        "discovery": 10,
    }


def test_activities_and_companies_too(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    at = timezone.now() + timedelta(days=3)
    activities = [make_activity(hugo, starts_at=at + timedelta(hours=hour)) for hour in range(2)]
    moments = list(Activity.objects.order_by("pk").values_list("starts_at", flat=True))
    client = client_of(hugo)
    path = "/crm/activities/"
    client.post(act(client, path, activities, action="done"))
    assert set(Activity.objects.values_list("status", "done_at")) == {("planned", None)}
    client.post(act(client, path, activities, action="cancel"))
    assert set(Activity.objects.values_list("status", flat=True)) == {"planned"}
    client.post(act(client, path, activities, action="move", day=(at + timedelta(days=9)).date().isoformat()))
    assert list(Activity.objects.order_by("pk").values_list("starts_at", flat=True)) == moments
    company = make_company(hugo, owner=hugo, status="prospect")
    client.post(act(client, "/crm/companies/", [company], action="status", status="client"))
    assert Company.objects.get().status == "prospect"


def test_only_ones_own_once_and_for_a_day(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo, status="lead")
    undo = act(client_of(hugo), "/crm/contacts/", [contact], action="status", status="client")
    assert client_of(None).post(undo).status_code == 302
    assert client_of(hugo).get(undo).status_code == 405
    for other in ("admin", "manager", "sales2", "marketing"):
        assert client_of(cast[other]).post(undo).status_code == 404
    assert client_of(hugo).post(undo).status_code == 302
    assert client_of(hugo).post(undo).status_code == 404, "once"
    undo = act(client_of(hugo), "/crm/contacts/", [contact], action="status", status="client")
    BulkChange.objects.filter(undone_at=None).update(made_at=timezone.now() - timedelta(hours=25))
    assert client_of(hugo).post(undo).status_code == 404
    assert purge_bulk_changes() == 1
    assert Contact.objects.get().status == "client"


def test_who_may_no_longer_change_a_record_puts_nothing_back(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    kept, gone = (make_contact(hugo, owner=hugo, status="lead") for _number in range(2))
    client = client_of(hugo)
    undo = act(client, "/crm/contacts/", [kept, gone], action="status", status="client")
    Contact.objects.filter(pk=gone.pk).update(owner=cast["stranger"])
    client.post(undo)
    assert Contact.objects.get(pk=kept.pk).status == "lead"
    assert Contact.objects.get(pk=gone.pk).status == "client"
    cast["sales"].role.grants.filter(module="crm.contact", action="change").delete()
    undo_again = BulkChange.objects.get()
    undo_again.undone_at = None
    undo_again.save()
    assert client_of(User.objects.get(pk=hugo.pk)).post(undo).status_code == 403
