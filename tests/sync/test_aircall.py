"""Aircall's API: keys, the webhook, the nightly catch-up, and every way it may answer."""

from typing import Any

import pytest

from crm.models import Activity
from digiweb.jobs import JobError, TryAgain
from people.models import User
from sync.aircall.catch_up import catch_up
from sync.aircall.client import AircallApi
from sync.aircall.mapping import WANTED
from sync.aircall.provider import hook_url
from sync.aircall.provider import test as check_keys
from sync.errors import Down, NoKey, Quota, WrongKey
from sync.models import Call, Connection, PhoneCall
from sync.services.connection import connection_of
from tests.base import client_of, make_cast, make_contact
from tests.sync.aircall import BEGAN, NUMBER, a_call, connect
from tests.sync.aircall_server import AircallServer, aircall_server

__all__ = ["aircall_server"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


# --- Keys and webhook


def test_the_test_names_the_account(aircall_server: AircallServer) -> None:
    assert "DigiWeb" in check_keys(connect())
    assert aircall_server.asked == [("GET", "/v1/company", {})]


def test_a_wrong_key_is_told(aircall_server: AircallServer) -> None:
    connection = connect()
    connection.seal({"api_id": "id", "api_token": "mistyped"})
    connection.save()
    with pytest.raises(WrongKey):
        check_keys(connection)
    assert connection_of("aircall").state == "wrong_key"
    assert "mistyped" not in str(list(Call.objects.values()))


def test_without_a_key_nothing_is_asked(aircall_server: AircallServer) -> None:
    with pytest.raises(NoKey):
        AircallApi(Connection(provider="aircall")).company()
    assert aircall_server.asked == []


def test_the_button_makes_the_webhook_once_and_keeps_its_token(
    cast: dict[str, User], aircall_server: AircallServer
) -> None:
    connection = connect(person="sales@digiweb.test")
    client = client_of(cast["admin"])
    assert client.post("/sync/aircall/webhook/").status_code == 302
    (made,) = aircall_server.webhooks
    assert (made["url"], made["events"]) == (hook_url(), list(WANTED))
    connection.refresh_from_db()
    assert connection.secret("webhook_token") == "fresh-token"
    assert connection.secret("api_token") == "secret"
    assert connection.settings == {"person": "sales@digiweb.test"}
    client.post("/sync/aircall/webhook/")
    assert len(aircall_server.webhooks) == 1


def test_a_failing_button_says_why_and_changes_nothing(
    cast: dict[str, User], aircall_server: AircallServer
) -> None:
    connection = connect()
    aircall_server.troubles = [(500, {}, b"{}")] * 5
    response = client_of(cast["admin"]).post("/sync/aircall/webhook/", follow=True)
    assert response.status_code == 200
    connection.refresh_from_db()
    assert connection.secret("webhook_token") == "45XXYYZZa08"


def test_in_demo_mode_nothing_leaves(aircall_server: AircallServer, settings: Any) -> None:
    settings.DEMO_MODE = True
    connection = connect()
    assert "démonstration" in check_keys(connection)
    assert catch_up() == 0
    assert aircall_server.asked == []
    assert set(Call.objects.values_list("outcome", flat=True)) == {"held"}


# --- Catching up


def test_by_night_what_was_lost_is_read_and_what_is_known_stays(
    cast: dict[str, User], aircall_server: AircallServer
) -> None:
    make_contact(cast["sales"], owner=cast["sales"], mobile=NUMBER)
    connect()
    aircall_server.calls = [a_call(number) for number in range(120)]
    assert catch_up() == 120
    assert catch_up() == 120
    assert Activity.objects.filter(kind="call").count() == 120
    pages = [query["page"] for _method, _path, query in aircall_server.asked]
    assert pages == ["1", "2", "3"] * 2


def test_more_than_one_question_gives_is_asked_in_halves(
    aircall_server: AircallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.aircall.catch_up.MOST", 100)
    aircall_server.most = 100
    connect()
    aircall_server.calls = [
        a_call(number, started_at=BEGAN - number * 60, raw_digits="anonymous") for number in range(330)
    ]
    assert catch_up() >= 330
    assert PhoneCall.objects.count() == 330


def test_a_call_going_on_is_left_to_its_end(aircall_server: AircallServer) -> None:
    connect()
    aircall_server.calls = [a_call(1, ended_at=None), a_call(2)]
    assert catch_up() == 1
    assert PhoneCall.objects.get().number_there == "2"


@pytest.mark.parametrize("calls", [[None], ["x"], [{}], [{"id": []}], [[]]])
def test_calls_that_make_no_sense_are_passed_over(aircall_server: AircallServer, calls: Any) -> None:
    connect()
    body = b'{"calls": %s, "meta": null}' % str(calls).replace("None", "null").replace("'", '"').encode()
    aircall_server.troubles = [(200, {}, body)]
    assert catch_up() == 0


@pytest.mark.parametrize(
    "trouble",
    [
        (429, {"Retry-After": "90"}, b"{}"),
        (500, {}, b"{}"),
        (503, {}, b"busy"),
        (200, {}, b"<html>"),
        (200, {}, b'{"calls": "none"}'),
        (200, {}, b"[]"),
        (200, {}, b'{"calls": [], "a": "' + b"x" * 3_000_000 + b'"}'),
        (302, {"Location": "https://elsewhere.example/v1/calls"}, b""),
    ],
)
def test_passing_troubles_are_tried_again_later(
    aircall_server: AircallServer, trouble: tuple[int, dict[str, str], bytes]
) -> None:
    connect()
    aircall_server.troubles = [trouble] * 5
    with pytest.raises(TryAgain) as caught:
        catch_up()
    if trouble[0] == 429:
        assert 80 <= caught.value.seconds <= 90


def test_a_refused_key_is_no_passing_trouble(aircall_server: AircallServer) -> None:
    connection = connect()
    connection.seal({"api_id": "id", "api_token": "old"})
    connection.save()
    with pytest.raises(JobError):
        catch_up()


def test_without_a_connection_there_is_nothing_to_read(aircall_server: AircallServer) -> None:
    assert catch_up() == 0
    connect()
    Connection.objects.update(active=False)
    assert catch_up() == 0
    assert aircall_server.asked == []


def test_who_does_not_answer_is_not_waited_for(aircall_server: AircallServer) -> None:
    aircall_server.slow = 3.0
    connection = connect()
    from sync.http import Limits

    with pytest.raises(Down):
        AircallApi(connection, limits=Limits(read=0.3, total=1, tries=1)).company()
    with pytest.raises((Down, Quota)):  # left alone for a moment
        AircallApi(connection_of("aircall")).company()


def test_the_job_of_the_page_reads_as_far_back_as_asked(
    cast: dict[str, User], aircall_server: AircallServer
) -> None:
    connect()
    client = client_of(cast["admin"])
    response = client.post("/sync/aircall/fetch/", {"days": "30"})
    assert response["Location"].startswith("/jobs/")
    from timeline.models import JobRun

    run = JobRun.objects.latest("pk")
    assert (run.func, run.kwargs) == ("sync.aircall.jobs.fetch_calls", {"days": 30})
