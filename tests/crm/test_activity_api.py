"""Activities over the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.models import Activity
from people.models import User
from tests.base import make_activity, make_cast, make_contact, make_role, make_user
from tests.contracts.api import APIContract, assert_problem, caller, fields_refused
from timeline.models import Event

URL = "/api/v1/activities/"


class TestActivityAPI(APIContract):
    model = Activity
    path = "activities"
    make = staticmethod(make_activity)
    body = {"kind": "call", "subject": "Relancer", "starts_at": "2027-01-12T08:30:00Z"}
    change = {"place": "Visio"}
    listed_by = {"kind": "meeting"}
    wrong = {"kind": "fax", "starts_at": "tomorrow", "duration": -1, "contact": 999_999, "priority": "x"}
    list_queries = 4


pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def test_done_by_its_status(cast: dict[str, User]) -> None:
    activity: Any = make_activity(cast["sales"])
    client = caller(cast["sales"])
    answer = client.patch(f"{URL}{activity.pk}/", {"status": "done"}, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["done_at"]


def post(client: Any, pk: int, body: Any = None, **extra: Any) -> Any:
    return client.post(f"{URL}{pk}/done/", body, content_type="application/json", **extra)


def patch(client: Any, pk: int, **body: Any) -> Any:
    return client.patch(f"{URL}{pk}/", body, content_type="application/json")


class TestDone:
    def test_what_came_of_it_and_what_comes_next(self, cast: dict[str, User]) -> None:
        contact = make_contact(cast["sales"], owner=cast["sales"])
        activity: Any = make_activity(cast["sales"], contact=contact, notes="Avant")
        body = {
            "notes": "Oui",
            "next_kind": "meeting",
            "next_at": "2031-01-12T08:30:00Z",
            "version": activity.version,
        }
        answer = post(caller(cast["sales"]), activity.pk, body)
        assert answer.status_code == 200, answer.content
        done, (following,) = answer.json()["activity"], answer.json()["planned"]
        assert (done["status"], done["notes"], bool(done["done_at"])) == ("done", "Oui", True)
        assert answer["ETag"] == f'"{done["version"]}"'
        assert (following["kind"], following["starts_at"]) == ("meeting", "2031-01-12T08:30:00Z")
        assert (following["contact"], following["owner"]) == (contact.pk, cast["sales"].pk)
        assert activity.subject in following["subject"]
        assert Event.objects.get(action="done").channel == "api"

    def test_everything_may_be_left_out_and_done_twice_is_done_once(self, cast: dict[str, User]) -> None:
        activity: Any = make_activity(cast["sales"], notes="Avant")
        client = caller(cast["sales"])
        first = post(client, activity.pk, {}).json()
        assert (first["activity"]["notes"], first["planned"]) == ("Avant", [])
        assert post(client, activity.pk, {}).json() == first

    def test_a_series_goes_on_however_it_was_done(self, cast: dict[str, User]) -> None:
        client = caller(cast["sales"])
        for way in ("done", "patch"):
            activity: Any = make_activity(cast["sales"], recurrence="weekly", subject=way)
            if way == "done":
                (planned,) = post(client, activity.pk, {}).json()["planned"]
                assert planned["recurrence"] == "weekly"
            else:
                assert patch(client, activity.pk, status="done").status_code == 200
                patch(client, activity.pk, status="planned")
                patch(client, activity.pk, status="done")
            series = Activity.objects.filter(subject=way).order_by("pk")
            assert [one.status for one in series] == ["done", "planned"], way
            assert series[1].starts_at - series[0].starts_at == timedelta(days=7)

    def test_two_series_at_the_same_hour_both_go_on(self, cast: dict[str, User]) -> None:
        client, day = caller(cast["sales"]), datetime(2026, 11, 23, 8, tzinfo=UTC)
        for name in ("Point Dupont", "Point Martin"):
            contact = make_contact(cast["sales"], owner=cast["sales"])
            fields = {"recurrence": "weekly", "subject": name, "contact": contact, "starts_at": day}
            activity: Any = make_activity(cast["sales"], **fields)
            (planned,) = post(client, activity.pk, {}).json()["planned"]
            assert (planned["subject"], planned["contact"]) == (name, contact.pk)

    def test_what_came_of_it_is_not_lost_when_a_colleague_was_quicker(self, cast: dict[str, User]) -> None:
        activity: Any = make_activity(cast["sales"])
        first, second = caller(cast["sales"]), caller(cast["manager"])
        body = {"version": activity.version, "next_kind": "call", "next_at": "2031-01-12T09:30:00+01:00"}
        assert post(first, activity.pk, {**body, "notes": "Oui"}).status_code == 200
        assert_problem(post(second, activity.pk, {**body, "notes": "Non"}), 409)
        assert Activity.objects.count() == 2, "nothing is planned twice"
        same = {"version": activity.version, "notes": "Oui"}
        assert post(second, activity.pk, same).status_code == 200, "nothing would be lost"

    def test_cancelled_and_planned_again_by_its_status(self, cast: dict[str, User]) -> None:
        activity: Any = make_activity(cast["sales"])
        client = caller(cast["sales"])
        for status, action in (
            ("cancelled", "cancelled"),
            ("planned", "replanned"),
            ("done", "done"),
            ("planned", "replanned"),
        ):
            answer = patch(client, activity.pk, status=status).json()
            assert (answer["status"], bool(answer["done_at"])) == (status, status == "done")
            assert Event.objects.latest("pk").action == action

    def test_only_who_may_change_it(self, cast: dict[str, User]) -> None:
        activity: Any = make_activity(cast["sales"])
        for who, status in {"sales2": 404, "stranger": 404, "marketing": 403, "am": 403}.items():
            assert_problem(post(caller(cast[who]), activity.pk, {}), status)
        assert_problem(post(caller(None), activity.pk, {}), 401)
        assert_problem(post(caller(cast["sales"], read_only=True), activity.pk, {}), 403)
        for scope, status in (("own", 404), ("team", 200), ("all", 200)):
            role = make_role(scope, crm_activity=(scope, ["view", "change"]))
            boss = make_user(scope, role=role)
            User.objects.filter(pk=cast["sales"].pk).update(manager=boss)
            one: Any = make_activity(cast["sales"])
            client = caller(boss)
            assert post(client, one.pk, {}).status_code == status, scope
            # To plan what comes next is to create.
            body = {"next_kind": "call", "next_at": "2031-01-12T08:30:00Z"}
            assert post(client, one.pk, body).status_code == {404: 404, 200: 403}[status]
        assert Activity.objects.count() == 4

    @pytest.mark.parametrize(
        ("body", "fields"),
        [
            ({"next_kind": "call"}, {"next_at"}),
            ({"next_kind": "fax"}, {"next_kind"}),
            ({"next_kind": "call", "next_subject": "", "next_at": None}, {"next_subject", "next_at"}),
            ({"next_kind": "call", "next_at": "tomorrow"}, {"next_at"}),
            ({"next_kind": "call", "next_at": "0001-01-01T00:00:00+14:00"}, {"next_at"}),
            ({"next_kind": "call", "next_at": "9999-12-31T23:59:59-12:00"}, {"next_at"}),
            ({"next_kind": "call", "next_at": "1066-10-14T09:00:00Z"}, {"next_at"}),
            (
                {"next_kind": "call", "next_at": "2031-01-12T08:30:00Z", "next_subject": "x" * 161},
                {"next_subject"},
            ),
            ({"notes": "x" * 10_001}, {"notes"}),
            ({"notes": "\0"}, {"notes"}),
            ({"notes": ["x"], "version": "x", "next_kind": 5}, {"notes", "version", "next_kind"}),
            ({"what": 1}, {"what"}),
        ],
    )
    def test_wrong_values_are_told(self, body: Any, fields: set[str], cast: dict[str, User]) -> None:
        activity: Any = make_activity(cast["sales"])
        assert fields_refused(post(caller(cast["sales"]), activity.pk, body)) == fields
        assert Activity.objects.get().status == "planned"

    def test_who_saved_meanwhile_is_told(self, cast: dict[str, User]) -> None:
        activity: Any = make_activity(cast["sales"])
        client = caller(cast["sales"])
        assert_problem(post(client, activity.pk, {"version": 7}), 409)
        assert_problem(post(client, activity.pk, {}, headers={"If-Match": '"7"'}), 412)
        assert Activity.objects.get().status == "planned"
