"""Unknown calls: who sees which number, and what they do with it."""

from typing import Any

import pytest
from django.urls import reverse

from crm.models import Activity, Contact
from people.models import User
from sync.models import Caller, PhoneCall
from tests.base import client_of, make_cast, make_contact, make_role, make_user
from tests.sync.aircall import NUMBER, make_caller
from timeline.models import Event

pytestmark = pytest.mark.django_db
LIST = "/sync/unknown-calls/?all=1"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def caller(cast: dict[str, User]) -> Caller:
    """Hugo answered twice."""
    return make_caller(cast["sales"], calls=2)


def listed(user: User, query: str = "") -> list[str]:
    context = client_of(user).get(LIST + query).context
    return [row["label"] for row in context["list"]["rows"]]


# --- Who sees what


def test_one_sees_the_numbers_that_one_answered_a_manager_the_team_s(
    cast: dict[str, User], caller: Caller
) -> None:
    make_caller(cast["sales2"], "+33611111111")
    assert listed(cast["sales"]) == ["06 12 34 56 78"]
    assert listed(cast["sales2"]) == ["06 11 11 11 11"]
    assert sorted(listed(cast["manager"])) == sorted(listed(cast["admin"]))
    assert len(listed(cast["manager"])) == 2
    assert listed(cast["stranger"]) == []


def test_a_number_that_two_people_answered_is_listed_once_and_is_both_s(
    cast: dict[str, User], caller: Caller
) -> None:
    make_caller(cast["sales2"], NUMBER)
    for key in ("sales", "sales2", "manager"):
        assert listed(cast[key]) == ["06 12 34 56 78"]


def test_the_page_of_a_number_shows_the_calls_within_sight(cast: dict[str, User], caller: Caller) -> None:
    make_caller(cast["sales2"], NUMBER)
    url = caller.get_absolute_url()
    assert len(client_of(cast["sales"]).get(url).context["calls"]) == 2
    assert len(client_of(cast["manager"]).get(url).context["calls"]) == 3
    assert client_of(cast["stranger"]).get(url).status_code == 404


def test_who_may_not_create_contacts_is_not_offered_it(cast: dict[str, User], caller: Caller) -> None:
    reader = make_user("reader", role=make_role("reader", sync_phonecall=("all", ["view"])))
    page = client_of(reader).get(LIST).content.decode()
    assert "06 12 34 56 78" in page
    assert "/contact/" not in page
    assert client_of(reader).get(reverse("sync:caller_contact", args=[caller.pk])).status_code == 403
    helper = make_user("helper", role=make_role("helper", sync_phonecall=("all", ["view", "change"])))
    assert client_of(helper).get(reverse("sync:caller_contact", args=[caller.pk])).status_code == 403
    assert client_of(helper).get(reverse("sync:caller_attach", args=[caller.pk])).status_code == 200


@pytest.mark.parametrize("typed", ["06 12", "0612345678", "+33 6 12", "0033612", "345"])
def test_a_piece_of_the_number_finds_it(cast: dict[str, User], caller: Caller, typed: str) -> None:
    make_caller(cast["sales"], "+33699999999")
    client = client_of(cast["sales"])
    rows = client.get("/sync/unknown-calls/", {"q": typed}).context["list"]["rows"]
    assert [row["record"] for row in rows] == [caller]


def test_the_list_costs_the_same_for_one_and_for_many(
    cast: dict[str, User], caller: Caller, django_assert_max_num_queries: Any
) -> None:
    client = client_of(cast["manager"])
    client.get(LIST)
    with django_assert_max_num_queries(10) as one:
        client.get(LIST)
    for number in range(12):
        make_caller(cast["sales"], f"+3361100{number:04}")
    with django_assert_max_num_queries(len(one)):
        client.get(LIST)


# --- What one does


def test_a_contact_is_made_with_the_number_and_gets_the_calls(cast: dict[str, User], caller: Caller) -> None:
    client = client_of(cast["sales"])
    url = reverse("sync:caller_contact", args=[caller.pk])
    form = client.get(url).context["form"]
    assert form["mobile"].value() == "06 12 34 56 78" or form.initial["mobile"] == NUMBER
    data = {"first_name": "Zoé", "last_name": "Petit", "mobile": NUMBER, "status": "lead", "country": "FR"}
    assert client.post(url, {**data, "owner": cast["sales"].pk}).status_code == 302
    contact = Contact.objects.get()
    assert Activity.objects.filter(contact=contact, kind="call").count() == 2
    assert listed(cast["sales"]) == []
    assert Event.objects.filter(subject_type="sync.caller", subject_id=caller.pk, action="changed").exists()


def test_what_is_wrong_in_the_form_changes_nothing(cast: dict[str, User], caller: Caller) -> None:
    client = client_of(cast["sales"])
    url = reverse("sync:caller_contact", args=[caller.pk])
    data = {"mobile": "12", "status": "lead", "country": "FR"}
    assert client.post(url, data).status_code == 422
    stranger = {"first_name": "A", "status": "lead", "country": "FR", "owner": cast["stranger"].pk}
    assert client.post(url, stranger).status_code == 422
    assert not Contact.objects.exists()
    caller.refresh_from_db()
    assert caller.waiting == 2


def test_a_number_is_attached_to_a_contact_and_kept_where_a_place_is_free(
    cast: dict[str, User], caller: Caller
) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo, mobile="+33600000000")
    url = reverse("sync:caller_attach", args=[caller.pk])
    assert client_of(hugo).post(url, {"contact": contact.pk, "keep": "on"}).status_code == 302
    contact.refresh_from_db()
    assert (contact.mobile, contact.phone) == ("+33600000000", NUMBER)
    assert contact.activities.filter(kind="call").count() == 2
    assert PhoneCall.objects.filter(state="waiting").count() == 0


def test_a_contact_out_of_sight_cannot_be_chosen(cast: dict[str, User], caller: Caller) -> None:
    hidden = make_contact(cast["stranger"], owner=cast["stranger"])
    url = reverse("sync:caller_attach", args=[caller.pk])
    for contact in (hidden.pk, "", "x", 10**20):
        assert client_of(cast["sales"]).post(url, {"contact": contact}).status_code == 422
    assert not Activity.objects.exists()


def test_the_number_of_a_contact_out_of_reach_is_not_taken_over(
    cast: dict[str, User], caller: Caller
) -> None:
    theirs = make_contact(cast["sales2"], owner=cast["sales2"], mobile=NUMBER, last_name="Secret")
    mine = make_contact(cast["sales"], owner=cast["sales"])
    client = client_of(cast["sales"])
    answer = client.post(f"{caller.get_absolute_url()}attach/", {"contact": mine.pk})
    assert answer.status_code == 422
    assert "Secret" not in answer.content.decode()
    url = f"/api/v1/unknown-calls/{caller.pk}/identify/"
    assert client.post(url, {"contact": mine.pk}, content_type="application/json").status_code == 422
    caller.refresh_from_db()
    assert (caller.contact, Activity.objects.count()) == (None, 0)
    # Their own salesperson and the manager may.
    answer = client_of(cast["manager"]).post(f"{caller.get_absolute_url()}attach/", {"contact": theirs.pk})
    assert answer.status_code == 302
    events = client.get(f"/api/v1/events/?subject=sync.caller:{caller.pk}").content.decode()
    assert "Secret" not in events


def test_an_ignored_number_leaves_the_list_and_comes_back(cast: dict[str, User], caller: Caller) -> None:
    client = client_of(cast["sales"])
    response = client.post(reverse("sync:caller_ignore", args=[caller.pk]), headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert f"/sync/unknown-calls/{caller.pk}/heed/" in response["HX-Trigger"]
    assert listed(cast["sales"]) == []
    assert listed(cast["sales"], "&state=ignored") == ["06 12 34 56 78"]
    client.post(reverse("sync:caller_heed", args=[caller.pk]))
    assert listed(cast["sales"]) == ["06 12 34 56 78"]


def test_many_are_ignored_at_once_within_sight(cast: dict[str, User], caller: Caller) -> None:
    other = make_caller(cast["stranger"], "+33688888888")
    data = {"action": "ignore", "confirm": "1", "pk": [caller.pk, other.pk]}
    client_of(cast["sales"]).post("/sync/unknown-calls/bulk/", data)
    states = dict(Caller.objects.values_list("pk", "state"))
    assert states == {caller.pk: "ignored", other.pk: "unknown"}


def test_the_activity_shows_its_call(cast: dict[str, User]) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"], mobile=NUMBER)
    make_caller(cast["sales"])
    activity = Activity.objects.get(contact=contact)
    page = client_of(cast["sales"]).get(
        f"/panels/crm.activity/{activity.pk}/", headers={"HX-Request": "true"}
    )
    assert "06 12 34 56 78" in page.content.decode()
    assert "Accueil" in page.content.decode()


# --- API


def test_the_api_lists_identifies_ignores_and_lists_again(cast: dict[str, User], caller: Caller) -> None:
    client = client_of(cast["sales"])
    (row,) = client.get("/api/v1/unknown-calls/").json()["results"]
    assert (row["number"], row["waiting"], row["last_person_name"]) == (NUMBER, 2, "Hugo Lefèvre")
    url = f"/api/v1/unknown-calls/{caller.pk}/"
    assert client.post(f"{url}ignore/").json()["state"] == "ignored"
    assert client.get("/api/v1/unknown-calls/?state=ignored").json()["results"][0]["id"] == caller.pk
    assert client.post(f"{url}heed/").json()["state"] == "unknown"
    contact = make_contact(cast["sales"], owner=cast["sales"])
    sent = {"contact": contact.pk}
    answer = client.post(f"{url}identify/", sent, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "known")
    assert Activity.objects.filter(contact=contact).count() == 2
    hidden = make_contact(cast["stranger"], owner=cast["stranger"])
    for wrong in ({"contact": hidden.pk}, {"contact": "x"}, {}, {"contact": 10**30}):
        assert client.post(f"{url}identify/", wrong, content_type="application/json").status_code == 422
    assert client_of(cast["stranger"]).get(url).status_code == 404
