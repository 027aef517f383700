"""Notifications over the API: one's own, and nothing of what one no longer sees."""

from typing import Any

import pytest

from crm.services.contact import change_contact
from people.models import User
from tests.base import make_cast, make_contact
from tests.contracts.api import JSON, assert_problem, caller
from timeline.models import Notification
from timeline.services.notification import mark_read, notify

pytestmark = pytest.mark.django_db
URL = "/api/v1/notifications/"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def texts(client: Any, query: str = "") -> list[str]:
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == 200, answer.content
    return [row["text"] for row in answer.json()["results"]]


def test_everybody_reads_their_own_and_nobody_elses(cast: dict[str, User]) -> None:
    notify(people=cast.values(), kind="mention", text="À tous")
    notify(people=[cast["sales"]], kind="x", text="À Hugo")
    for who, person in cast.items():
        assert texts(caller(person)) == (["À Hugo", "À tous"] if who == "sales" else ["À tous"]), who
    hugos = Notification.objects.get(text="À Hugo")
    for who in ("admin", "manager", "stranger", "am"):
        assert_problem(caller(cast[who]).get(f"{URL}{hugos.pk}/"), 404)
        assert_problem(caller(cast[who]).post(f"{URL}{hugos.pk}/read/"), 404)
    assert_problem(caller(None).get(URL), 401)
    assert_problem(caller(None).post(f"{URL}read/"), 401)
    hugos.refresh_from_db()
    assert hugos.read_at is None


def test_filters_pages_and_the_number_that_waits(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    for number in range(5):
        notify(people=[hugo], kind="mention" if number % 2 else "activity.reminder", text=str(number))
    client = caller(hugo)
    mark_read(user=hugo, pks=[Notification.objects.get(text="4").pk])
    assert texts(client, "unread=yes") == ["3", "2", "1", "0"]
    assert texts(client, "unread=no") == ["4"]
    assert texts(client, "kind=mention&unread=yes") == ["3", "1"]
    first = client.get(f"{URL}?page_size=2").json()
    assert [row["text"] for row in client.get(first["next"]).json()["results"]] == ["2", "1"]
    assert client.get(f"{URL}unread/").json() == {"unread": 4}
    for query in ("unread=maybe", "kind=nothing", "q=x", "user=1", "page_size=x"):
        assert_problem(client.get(f"{URL}?{query}"), 422)


def test_one_or_all_are_marked_as_read(cast: dict[str, User]) -> None:
    hugo, ines = cast["sales"], cast["sales2"]
    notify(people=[hugo, ines], kind="mention", text="Un")
    notify(people=[hugo, ines], kind="mention", text="Deux")
    row = Notification.objects.filter(user=hugo).earliest("pk")
    assert_problem(caller(hugo, read_only=True).post(f"{URL}{row.pk}/read/"), 403)
    client = caller(hugo)
    answer = client.post(f"{URL}{row.pk}/read/").json()
    assert (answer["unread"], answer["id"]) == (False, row.pk)
    assert client.post(f"{URL}{row.pk}/read/").json()["read_at"] == answer["read_at"]
    assert client.post(f"{URL}read/", {}, content_type=JSON).json() == {"unread": 0}
    assert Notification.objects.filter(user=ines, read_at=None).count() == 2


def test_nothing_is_said_of_a_record_that_one_no_longer_sees(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo, last_name="Secret")
    notify(people=[hugo], kind="mention", text="Secret vous attend", obj=contact, actor=cast["manager"])
    client = caller(hugo)
    (row,) = client.get(URL).json()["results"]
    assert (row["subject"], row["url"]) == (f"crm.contact:{contact.pk}", contact.get_absolute_url())
    assert (row["actor"], row["actor_name"]) == (cast["manager"].pk, "Claire Fontaine")
    change_contact(user=cast["admin"], contact=contact, values={"owner": cast["stranger"]})
    for answer in (client.get(URL), client.get(f"{URL}{row['id']}/"), client.post(f"{URL}{row['id']}/read/")):
        assert "Secret" not in answer.content.decode()
        assert str(contact.get_absolute_url()) not in answer.content.decode()
        assert "Claire" not in answer.content.decode()
        assert f"crm.contact:{contact.pk}" not in answer.content.decode()


def test_nothing_is_made_changed_or_deleted_there(cast: dict[str, User]) -> None:
    notify(people=[cast["sales"]], kind="mention", text="Un")
    pk, client = Notification.objects.get().pk, caller(cast["sales"])
    assert_problem(client.post(URL, {}, content_type=JSON), 405)
    assert_problem(client.patch(f"{URL}{pk}/", {}, content_type=JSON), 405)
    assert_problem(client.delete(f"{URL}{pk}/"), 405)
