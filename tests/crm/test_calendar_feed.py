"""The calendar feed: what an independent parser reads in it, for whom, and until when (RFC 5545)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from dateutil.rrule import rrulestr
from django.utils import timezone
from icalendar import Calendar

from crm.models import Activity
from crm.services.activity import change_activities, change_activity
from crm.services.calendar_feed import calendar_of, make_feed, stop_feed
from crm.views.calendar_feed import FEEDS_A_MINUTE
from people.models import User
from people.services.user import change_user
from tests.base import client_of, make_activity, make_cast, make_contact

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def read(token: str, **headers: str) -> Any:
    return client_of(None).get(f"/calendar/{token}.ics", headers=headers)


def events_of(body: bytes) -> list[Any]:
    return list(Calendar.from_ical(body).walk("VEVENT"))


def soon(days: int = 3) -> datetime:
    return timezone.now().replace(microsecond=0) + timedelta(days=days)


def test_ones_own_activities_are_read_by_a_parser(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    contact = make_contact(hugo, owner=hugo, first_name="Zoé", last_name="Petit")
    activity = make_activity(
        hugo,
        subject="Démo ; « devis, suite » 🚀" + "é" * 90,
        contact=contact,
        starts_at=soon(),
        duration=45,
        reminder=15,
        place="12 rue des Lilas, Lyon",
        notes="Ligne 1\nLigne 2",
    )
    make_activity(cast["sales2"], subject="D’une autre", starts_at=soon())
    make_activity(hugo, subject="Trop vieux", starts_at=soon(-200))
    answer = read(make_feed(user=hugo))
    assert answer["Content-Type"].startswith("text/calendar")
    (event,) = events_of(answer.content)
    assert activity.subject in event["SUMMARY"]
    assert event["DTSTART"].dt == activity.starts_at
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=45)
    assert (event["LOCATION"], event["STATUS"]) == (activity.place, "CONFIRMED")
    assert "Zoé Petit" in event["DESCRIPTION"]
    assert "Ligne 2" in event["DESCRIPTION"]
    (alarm,) = event.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(minutes=-15)
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))


@pytest.mark.parametrize(("month", "hours"), [(1, 1), (7, 2)])
def test_nine_oclock_in_paris_is_nine_oclock_in_summer_and_winter(
    cast: dict[str, User], month: int, hours: int
) -> None:
    activity = make_activity(cast["sales"], starts_at=datetime(2027, month, 12, 9, tzinfo=PARIS))
    body = calendar_of([activity], name="x")
    (event,) = events_of(body)
    start = event["DTSTART"].dt
    assert (start.hour, start.utcoffset()) == (9, timedelta(hours=hours))
    assert b"BEGIN:VTIMEZONE" in body
    assert b"TZID=Europe/Paris:2027" in body


def test_the_same_event_gets_a_higher_sequence_and_may_be_called_off(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    activity = make_activity(hugo, starts_at=soon())
    token = make_feed(user=hugo)
    (before,) = events_of(read(token).content)
    change_activity(user=hugo, activity=activity, values={"starts_at": soon(5)})
    change_activities(user=hugo, pks=[activity.pk], values={"status": "cancelled"})
    (after,) = events_of(read(token).content)
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["STATUS"] == "CANCELLED"


def test_nothing_changed_answers_not_modified(cast: dict[str, User]) -> None:
    make_activity(cast["sales"], starts_at=soon())
    token = make_feed(user=cast["sales"])
    first = read(token)
    assert read(token, **{"If-None-Match": first["ETag"]}).status_code == 304
    change_activity(user=cast["sales"], activity=Activity.objects.get(), values={"place": "Ici"})
    assert read(token, **{"If-None-Match": first["ETag"]}).status_code == 200


def test_a_former_stopped_or_unknown_link_is_not_found(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    old = make_feed(user=hugo)
    new = make_feed(user=hugo)
    assert (read(old).status_code, read(new).status_code) == (404, 200)
    stop_feed(user=hugo)
    for token in (new, "x", "a" * 500):
        assert read(token).status_code == 404


def test_secrets_cannot_be_tried_by_the_thousand(cast: dict[str, User]) -> None:
    token = make_feed(user=cast["sales"])
    with time_machine.travel(timezone.now(), tick=False):  # all within one minute of the clock
        answers = [read(f"guess{number}") for number in range(FEEDS_A_MINUTE)]
        assert {answer.status_code for answer in answers} == {404}
        refused = read(token)
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")


def test_who_left_or_lost_the_right_feeds_nothing(cast: dict[str, User]) -> None:
    hugo, ines = cast["sales"], cast["sales2"]
    gone, changed = make_feed(user=hugo), make_feed(user=ines)
    change_user(user=cast["admin"], person=hugo, values={"is_active": False})
    change_user(user=cast["admin"], person=ines, values={"role": cast["am"].role})
    assert read(gone).status_code == read(changed).status_code == 404


def test_the_page_shows_the_link_once(cast: dict[str, User]) -> None:
    client = client_of(cast["sales"])
    address = "/crm/activities/calendar/link/"
    page = client.post(address).content.decode()
    token = page.split("/calendar/")[-1].split(".ics")[0] if ".ics" in page else ""
    assert read(token).status_code == 200
    assert token not in client.get(address).content.decode()
    client.post(address, {"stop": "1"})
    assert read(token).status_code == 404


def test_one_activity_is_given_as_a_file(cast: dict[str, User]) -> None:
    activity = make_activity(cast["sales"], starts_at=soon())
    address = f"/crm/activities/{activity.pk}/ics/"
    (event,) = events_of(client_of(cast["sales"]).get(address).content)
    assert activity.subject in event["SUMMARY"]
    assert client_of(cast["sales2"]).get(address).status_code == 404


@pytest.mark.parametrize("year", [1996, 2026, 2027, 2038, 2100])
def test_its_time_zone_changes_when_the_clocks_of_paris_do(year: int) -> None:
    """Read by its own rules, not by the name Europe/Paris, as programs without a table of zones do."""
    (zone,) = Calendar.from_ical(calendar_of([], name="x")).walk("VTIMEZONE")
    parts: list[Any] = zone.subcomponents
    for part in parts:
        start, rule = (part[name].to_ical().decode() for name in ("DTSTART", "RRULE"))
        change = rrulestr(f"DTSTART:{start}\nRRULE:{rule}").after(datetime(year, 1, 1))
        assert change is not None
        before, after = part["TZOFFSETFROM"].td, part["TZOFFSETTO"].td
        moment = (change - before).replace(tzinfo=UTC)
        assert (moment - timedelta(seconds=1)).astimezone(PARIS).utcoffset() == before
        assert moment.astimezone(PARIS).utcoffset() == after


@pytest.mark.parametrize(
    "broken", ["x\r\nATTENDEE:mailto:a@b.fr", "x\nEND:VEVENT", "x\x0by\x85z\u2028w", "\x1b[0m"]
)
def test_a_line_break_in_a_text_is_no_line_of_the_calendar(cast: dict[str, User], broken: str) -> None:
    fields = {"subject": broken, "place": broken, "notes": broken, "reminder": 15}
    activity = make_activity(cast["sales"], starts_at=soon(), **fields)
    answer = client_of(cast["sales"]).get(f"/crm/activities/{activity.pk}/ics/")
    assert answer.status_code == 200
    (event,) = events_of(answer.content)
    assert "ATTENDEE" not in event
    assert events_of(calendar_of([activity], name=broken))
