"""Contacts over the API."""

from typing import Any

import pytest

from crm.api.contact import ContactViewSet
from crm.models import Contact, ContactTally, Tag
from crm.services.contact import delete_contacts
from people.models import User
from tests.base import make_cast, make_company, make_contact
from tests.contracts.api import JSON, APIContract, assert_problem, caller, fields_refused

URL = "/api/v1/contacts/"


class TestContactAPI(APIContract):
    model = Contact
    path = "contacts"
    make = staticmethod(make_contact)
    body = {"first_name": "Émilie", "last_name": "Durand", "email": "emilie@example.fr", "city": "Lyon"}
    change = {"city": "Nantes"}
    listed_by = {"status": "client"}
    wrong = {"email": "nobody", "phone": "12", "status": "friend", "company": 999_999, "tags": [77]}
    list_queries = 5


pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def post(client: Any, **body: Any) -> Any:
    return client.post(URL, body, content_type="application/json")


def patch(client: Any, pk: int, **body: Any) -> Any:
    return client.patch(f"{URL}{pk}/", body, content_type="application/json")


def test_numbers_are_put_right_as_on_the_page(cast: dict[str, User]) -> None:
    answer = post(caller(cast["sales"]), last_name="Durand", phone="01 40 20 50 50", mobile="06.12.34.56.78")
    assert (answer.json()["phone"], answer.json()["mobile"]) == ("+33140205050", "+33612345678")
    assert answer.json()["score"] == Contact.objects.get().score


def test_a_contact_without_an_owner_is_the_callers_unless_they_say_nobodys(cast: dict[str, User]) -> None:
    client = caller(cast["sales"])
    assert post(client, last_name="Durand").json()["owner"] == cast["sales"].pk
    answer = post(client, last_name="Petit", owner=None)
    assert (answer.json()["owner"], answer.json()["owner_name"]) == (None, "")
    assert answer.json()["country"] == "FR"


def test_a_contact_needs_something_to_know_it_by(cast: dict[str, User]) -> None:
    client = caller(cast["sales"])
    assert fields_refused(post(client, city="Lyon")) == {""}
    contact = make_contact(cast["sales"], owner=cast["sales"])
    assert fields_refused(patch(client, contact.pk, first_name="", last_name="")) == {""}
    assert patch(client, contact.pk, first_name="").status_code == 200


def test_a_company_out_of_sight_cannot_be_chosen(cast: dict[str, User]) -> None:
    hidden = make_company(cast["sales"], owner=cast["sales"])
    assert fields_refused(post(caller(cast["stranger"]), last_name="Durand", company=hidden.pk)) == {
        "company"
    }
    answer = post(caller(cast["sales"]), last_name="Durand", company=hidden.pk)
    assert (answer.json()["company"], answer.json()["company_name"]) == (hidden.pk, hidden.name)
    hidden.refresh_from_db()
    assert hidden.contact_count == 1


def test_tags_are_set_by_id_and_kept_when_not_sent(cast: dict[str, User]) -> None:
    client = caller(cast["admin"])
    tag = Tag.objects.create(name="Salon", key="salon")
    pk = post(client, last_name="Durand", tags=[tag.pk]).json()["id"]
    assert patch(client, pk, city="Lyon").json()["tags"] == [tag.pk]
    assert patch(client, pk, tags=[]).json()["tags"] == []


def test_what_was_not_sent_is_not_checked_again(cast: dict[str, User]) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"])
    Contact.objects.filter(pk=contact.pk).update(phone="gone wrong long ago")
    User.objects.filter(pk=cast["sales2"].pk).update(is_active=False)
    assert patch(caller(cast["sales"]), contact.pk, city="Lyon").status_code == 200


def test_counts_follow(cast: dict[str, User]) -> None:
    client = caller(cast["sales"])
    pk = post(client, last_name="Durand", status="client").json()["id"]
    assert ContactTally.objects.get(status="client").count == 1
    client.delete(f"{URL}{pk}/")
    assert ContactTally.objects.get(status="client").count == 0


def test_moments_are_in_utc(cast: dict[str, User]) -> None:
    assert post(caller(cast["sales"]), last_name="Durand").json()["created_at"].endswith("Z")


def test_what_a_colleague_deletes_while_it_is_changed_is_gone_and_no_error(
    cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    contact: Any = make_contact(cast["sales"], owner=cast["sales"])
    checked = ContactViewSet.valid_form

    def meanwhile(view: Any, record: Any = None) -> Any:
        form = checked(view, record)
        delete_contacts(user=cast["manager"], pks=[contact.pk])
        return form

    monkeypatch.setattr(ContactViewSet, "valid_form", meanwhile)
    answer = caller(cast["sales"]).patch(f"{URL}{contact.pk}/", {"city": "Lyon"}, content_type=JSON)
    assert_problem(answer, 404)
