"""The page of the bin: what is there, for whom, and taking it back (SPEC T13)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm.models import Contact
from crm.services.contact import delete_contacts
from tests.base import client_of, make_cast, make_company, make_contact
from timeline.models import BinEntry, Event, Note
from timeline.services.note import add_note

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, Any]:
    return make_cast()


def deleted(person: Any, **fields: Any) -> BinEntry:
    contact = make_contact(person, owner=person, **fields)
    delete_contacts(user=person, pks=[contact.pk])
    return BinEntry.objects.get(subject_id=contact.pk, subject_type="crm.contact")


def test_each_sees_what_they_deleted_a_manager_the_teams_and_administrators_all(cast: dict[str, Any]) -> None:
    entry = deleted(cast["sales"], first_name="Zoé", last_name="Quentin")
    sees = {"admin": True, "manager": True, "sales": True, "sales2": False, "stranger": False, "am": False}
    for who, there in sees.items():
        client = client_of(cast[who])
        assert ("Zoé Quentin" in client.get("/bin/").content.decode()) is there, who
        assert client.get(f"/bin/{entry.pk}/").status_code == (200 if there else 404), who


def test_a_record_shows_as_it_was_with_what_hung_on_it(cast: dict[str, Any]) -> None:
    hugo = cast["sales"]
    company = make_company(hugo, name="Boulangerie Martin", owner=hugo)
    entry = deleted(
        hugo, first_name="Zoé", last_name="Quentin", company=company, city="Lyon", status="client"
    )
    page = client_of(hugo).get(f"/bin/{entry.pk}/").content.decode()
    for text in ("Boulangerie Martin", "Lyon", "Client", "30 jours"):
        assert text in page, text
    assert "search_text" not in page


def test_restored_from_its_page_it_is_back_and_out_of_the_bin(cast: dict[str, Any]) -> None:
    hugo = cast["sales"]
    entry = deleted(hugo, first_name="Zoé")
    client = client_of(hugo)
    assert client_of(cast["sales2"]).post(f"/bin/{entry.pk}/restore/").status_code == 404
    assert client.post(f"/bin/{entry.pk}/restore/").url == "/bin/"
    assert Contact.objects.filter(pk=entry.subject_id).exists()
    assert "Zoé" not in client.get("/bin/?all=1").content.decode().split("<main")[1].split("dw-toasts")[0]
    again = client.post(f"/bin/{entry.pk}/restore/")
    assert again.status_code == 302
    assert Contact.objects.filter(pk=entry.subject_id).count() == 1


def test_many_come_back_as_one(cast: dict[str, Any]) -> None:
    hugo = cast["sales"]
    entries = [deleted(hugo, first_name=name) for name in ("A", "B", "C")]
    data = {"action": "restore", "pk": [entry.pk for entry in entries]}
    client = client_of(hugo)
    assert "A" in client.post("/bin/bulk/", data).content.decode()
    client.post("/bin/bulk/", {**data, "confirm": "1"})
    assert Contact.objects.count() == 3
    assert not BinEntry.objects.filter(restored_at=None).exists()


def test_who_lost_the_right_to_delete_brings_nothing_back(cast: dict[str, Any]) -> None:
    hugo = cast["sales"]
    entry = deleted(hugo)
    hugo.role.grants.filter(module="crm.contact", action="delete").delete()
    client = client_of(hugo)
    assert client.post(f"/bin/{entry.pk}/restore/").status_code == 403
    data = {"action": "restore", "pk": [entry.pk], "confirm": "1"}
    assert client.post("/bin/bulk/", data).status_code == 403
    assert not Contact.objects.exists()


def test_only_administrators_delete_for_good_and_the_log_says_so(cast: dict[str, Any]) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo, first_name="Zoé")
    add_note(user=hugo, obj=contact, body="Privé")
    delete_contacts(user=hugo, pks=[contact.pk])
    entry = BinEntry.objects.get()
    data = {"action": "forget", "pk": [entry.pk], "confirm": "1"}
    assert client_of(hugo).post("/bin/bulk/", data).status_code == 403
    client_of(cast["admin"]).post("/bin/bulk/", data)
    assert not BinEntry.objects.exists()
    assert not Note.objects.exists()
    assert Event.objects.filter(action="forgotten", subject_label="Zoé Test").count() <= 1
    assert Event.objects.filter(action="forgotten").count() == 1


def test_it_is_narrowed_and_what_is_too_old_is_gone(cast: dict[str, Any]) -> None:
    hugo = cast["sales"]
    entry = deleted(hugo, first_name="Zoé")
    client = client_of(hugo)
    for query, there in (
        ("q=zo", True),
        ("q=paul", False),
        ("kind=crm.company", False),
        ("kind=crm.contact", True),
    ):
        assert ("Zoé" in client.get(f"/bin/?{query}").content.decode()) is there, query
    BinEntry.objects.filter(pk=entry.pk).update(deleted_at=timezone.now() - timedelta(days=31))
    assert "Zoé" not in client.get("/bin/?all=1").content.decode()


def test_the_list_costs_the_same_for_few_and_for_many(
    cast: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    hugo = cast["sales"]
    contacts = [make_contact(hugo, owner=hugo) for _ in range(40)]
    delete_contacts(user=hugo, pks=[contact.pk for contact in contacts])
    client = client_of(hugo)
    client.get("/bin/?all=1")
    with django_assert_max_num_queries(9):
        client.get("/bin/?all=1")
