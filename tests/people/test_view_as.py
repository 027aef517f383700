"""« Voir comme »: what the other sees, read only, and written down (SPEC N12)."""

import json

import pytest

from people.models import ListPreference, User
from people.services.user import change_user
from tests.base import client_of, make_cast, make_contact
from timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


def start(cast: dict[str, User], key: str = "sales", by: str = "admin"):  # type: ignore[no-untyped-def]
    client = client_of(cast[by])
    return client, client.post(f"/settings/team/{cast[key].pk}/view-as/")


def test_the_administrator_sees_what_the_person_sees(cast: dict[str, User]) -> None:
    mine = make_contact(cast["sales"], last_name="Mien", owner=cast["sales"])
    other = make_contact(cast["stranger"], last_name="Autrui", owner=cast["stranger"])
    client, answer = start(cast)
    assert answer.status_code == 302
    page = client.get("/crm/contacts/?all=1").content.decode()
    assert "Mien" in page
    assert "Autrui" not in page
    assert "/settings/view-as/stop/" in page
    assert client.get(mine.get_absolute_url()).status_code == 200
    assert client.get(other.get_absolute_url()).status_code == 404
    assert client.get("/settings/team/?all=1").status_code == 403


def test_nothing_can_be_changed_or_taken_out_meanwhile(cast: dict[str, User]) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"])
    client, _answer = start(cast)
    refused = [
        client.post("/crm/contacts/new/", {"last_name": "X"}),
        client.post(f"/crm/contacts/{contact.pk}/delete/"),
        client.post("/me/tokens/new/", {"name": "x", "days": "30"}),
        client.post("/accounts/password/change/", {}),
        client.get("/me/"),
        client.get("/admin/"),
        client.get("/crm/contacts/?export=csv"),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert not Event.objects.filter(action="exported").exists()
    client.get("/crm/contacts/?q=durand")
    assert not ListPreference.objects.filter(user=cast["sales"]).exists()


def test_a_refusal_says_why_and_leads_back(cast: dict[str, User]) -> None:
    client, _answer = start(cast)
    for path, text in {
        "/me/": "Les pages personnelles",
        "/crm/contacts/?export=csv": "Rien ne s’exporte",
    }.items():
        page = client.get(path).content.decode()
        assert text in page
        assert "/settings/view-as/stop/" in page
        assert "demandez ce droit" not in page
    answer = client.post("/crm/contacts/move/", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    told = json.loads(answer["HX-Trigger"])["dw:toast"]
    assert "Rien ne peut être modifié" in str(told)


def test_beginning_and_end_are_written_down_under_the_real_name(cast: dict[str, User]) -> None:
    client, _answer = start(cast)
    answer = client.post("/settings/view-as/stop/")
    assert answer["Location"] == cast["sales"].get_absolute_url()
    events = Event.objects.filter(action__startswith="view_as").order_by("id")
    assert [(event.action, event.actor_name, event.subject_id) for event in events] == [
        ("view_as_started", "Alice Moreau", cast["sales"].pk),
        ("view_as_ended", "Alice Moreau", cast["sales"].pk),
    ]
    assert client.get("/settings/team/?all=1").status_code == 200
    assert client.post("/settings/view-as/stop/").status_code == 302


def test_only_administrators_may_and_only_down(cast: dict[str, User]) -> None:
    assert start(cast, by="manager")[1].status_code == 403
    assert start(cast, "admin")[1].status_code == 403
    other = User.objects.create_superuser("root@digiweb.test", "x", first_name="R", last_name="T")
    assert client_of(cast["admin"]).post(f"/settings/team/{other.pk}/view-as/").status_code == 403
    assert not Event.objects.filter(action="view_as_started").exists()


def test_it_ends_when_the_person_becomes_inactive_or_an_administrator(cast: dict[str, User]) -> None:
    for values in ({"is_active": False}, {"role": cast["admin"].role, "is_active": True}):
        change_user(
            user=cast["admin"], person=cast["am"], values={"is_active": True, "role": cast["am"].role}
        )
        client, _answer = start(cast, "am")
        change_user(user=cast["admin"], person=cast["am"], values=values)
        assert client.get("/settings/team/?all=1").status_code == 200
    assert Event.objects.filter(action="view_as_ended").count() == 2
