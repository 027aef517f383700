"""Calls: whom they were with, whose they are, what is written down, in whatever order it arrives."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from crm.models import Activity, Contact
from crm.services.activity import change_activity, delete_activities
from crm.services.tag import create_tag
from people.models import User
from sync.aircall.mapping import moment, read_call, read_number, text
from sync.aircall.receiver import work
from sync.jobs import adopt_calls
from sync.models import Caller, Connection, PhoneCall
from sync.services.call_upkeep import forget_recordings, identify_waiting, purge_phone_calls
from sync.services.identify import ignore_numbers, say_who
from tests.base import make_activity, make_cast, make_company, make_contact
from tests.sync.aircall import BEGAN, NUMBER, a_call, a_missed_call, connect, message
from timeline.models import JobRun, Notification
from timeline.services.bin import restore_from_bin

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
State = PhoneCall.State


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def aircall() -> Connection:
    return connect()


@pytest.fixture(autouse=True)
def english() -> Any:
    """What is written down is in the house's language; here we read English."""
    from django.test import override_settings

    with override_settings(LANGUAGE_CODE="en"), translation.override("en"):
        yield


def heard(
    connection: Connection, data: Any = None, event: str = "call.ended", second: int = 200
) -> PhoneCall:
    return work(message(event, data, timestamp=BEGAN + second), connection)


def logged() -> Activity:
    return Activity.objects.get(kind="call")


# --- Whom it was with


@pytest.mark.parametrize("where", ["phone", "mobile"])
def test_a_call_stands_on_the_contact_with_that_number(
    cast: dict[str, User], aircall: Connection, where: str
) -> None:
    company = make_company(cast["sales2"])
    contact = make_contact(cast["sales2"], owner=cast["sales2"], company=company, **{where: NUMBER})
    heard(aircall)
    call = logged()
    assert (call.contact, call.company, call.owner) == (contact, company, cast["sales"])
    assert (call.subject, call.duration, call.status) == ("Call from 06 12 34 56 78", 2, "done")
    assert call.starts_at.timestamp() == BEGAN
    assert "Line: Accueil" in call.notes


def test_a_company_answers_for_its_own_number(cast: dict[str, User], aircall: Connection) -> None:
    company = make_company(cast["sales"], owner=cast["sales"], phone=NUMBER)
    heard(aircall)
    assert (logged().contact, logged().company) == (None, company)


def test_of_several_contacts_the_most_recently_active_has_it(
    cast: dict[str, User], aircall: Connection
) -> None:
    hugo = cast["sales"]
    quiet = make_contact(hugo, owner=hugo, first_name="Quiet", phone=NUMBER)
    busy = make_contact(hugo, owner=hugo, first_name="Busy", mobile=NUMBER)
    make_contact(cast["stranger"], owner=cast["stranger"], first_name="Secret", mobile=NUMBER)
    past = timezone.now() - timedelta(days=1)
    make_activity(hugo, contact=busy, kind="task", status="done", starts_at=past)
    heard(aircall)
    assert logged().contact == busy
    assert str(quiet) in logged().notes
    assert "Secret" not in logged().notes  # out of the reader's sight


@pytest.mark.parametrize(
    "digits", ["anonymous", "", None, "3639", "118 218", 17, [], "+", "Unknown", "x" * 500]
)
def test_hidden_and_service_numbers_are_nobodys(aircall: Connection, digits: Any) -> None:
    call = heard(aircall, a_call(raw_digits=digits))
    assert call.state == State.HIDDEN
    assert not Caller.objects.exists()
    assert not Activity.objects.exists()


def test_foreign_numbers_are_numbers(cast: dict[str, User], aircall: Connection) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"], phone="+32470123456")
    heard(aircall, a_call(raw_digits="+32 470 12 34 56"))
    assert logged().contact == contact


# --- Whose it is


def test_without_a_known_agent_it_is_the_contacts_salesperson_s(
    cast: dict[str, User], aircall: Connection
) -> None:
    make_contact(cast["sales2"], owner=cast["sales2"], mobile=NUMBER)
    heard(aircall, a_call(user={"name": "Standard", "email": "desk@example.com"}))
    assert logged().owner == cast["sales2"]
    assert "On the phone: Standard" in logged().notes


def test_then_the_connection_s_person_then_an_administrator(cast: dict[str, User]) -> None:
    aircall = connect(person="MANAGER@digiweb.test")
    make_contact(cast["sales"], owner=None, mobile=NUMBER)
    heard(aircall, a_call(user=None))
    assert logged().owner == cast["manager"]
    logged().delete()
    aircall.settings = {}
    heard(aircall, a_call(813, user=None))
    assert logged().owner == cast["admin"]


def test_who_left_gets_no_calls(cast: dict[str, User], aircall: Connection) -> None:
    make_contact(cast["sales2"], owner=cast["sales2"], mobile=NUMBER)
    User.objects.filter(pk=cast["sales"].pk).update(is_active=False)
    heard(aircall)
    assert logged().owner == cast["sales2"]


# --- Missed


def test_a_missed_call_is_told_once_to_who_looks_after_the_contact(
    cast: dict[str, User], aircall: Connection
) -> None:
    User.objects.update(language="en")  # each is told in their own
    contact = make_contact(cast["sales2"], owner=cast["sales2"], mobile=NUMBER)
    for _turn in range(3):
        heard(aircall, a_missed_call())
    call = logged()
    assert (call.subject, call.owner, call.duration) == (
        "Missed call from 06 12 34 56 78",
        cast["sales2"],
        0,
    )
    assert "Missed: nobody was available." in call.notes
    told = Notification.objects.get()
    assert (told.user, told.kind) == (cast["sales2"], "call.missed")
    assert told.url == f"/crm/activities/new/?kind=call&subject=Call+back&contact={contact.pk}"


def test_what_was_missed_days_ago_is_no_news(cast: dict[str, User], aircall: Connection) -> None:
    make_contact(cast["sales"], owner=cast["sales"], mobile=NUMBER)
    old = BEGAN - 3 * 86400
    heard(aircall, a_missed_call(started_at=old, ended_at=old + 20))
    assert logged()
    assert not Notification.objects.exists()


def test_a_voicemail_says_so_and_its_link_stays_only_if_wanted(cast: dict[str, User]) -> None:
    make_contact(cast["sales"], owner=cast["sales"], mobile=NUMBER)
    data = a_missed_call(voicemail="https://media.aircall.io/voicemail/1")
    call = heard(connect(), data, "call.voicemail_left")
    assert logged().subject == "Voicemail from 06 12 34 56 78"
    assert (call.voicemail, call.has_links) == ("", False)


# --- Order, updates


def test_in_any_order_the_most_complete_state_wins(cast: dict[str, User], aircall: Connection) -> None:
    make_contact(cast["sales"], owner=cast["sales"], mobile=NUMBER)
    note = [{"id": 5, "content": "Rappeler lundi", "posted_by": {"name": "Inès"}}]
    begun = {"answered_at": None, "ended_at": None, "status": "initial", "user": None}
    messages = [
        ("call.created", begun, 0),
        ("call.answered", {"ended_at": None, "status": "answered"}, 8),
        ("call.ended", {}, 160),
        ("call.commented", {"comments": note}, 170),
    ]
    seen = set()
    for number, order in enumerate(itertools.permutations(messages)):
        for event, values, second in order:
            heard(aircall, a_call(number, **values), event, second)
            heard(aircall, a_call(number, **values), event, second)
        call = PhoneCall.objects.get(number_there=str(number))
        activity: Any = call.activity
        seen.add((activity.subject, activity.duration, activity.notes, activity.owner_id, call.state))
    assert len(seen) == 1
    assert "Inès : Rappeler lundi" in activity.notes
    assert Activity.objects.filter(kind="call").count() == 24


def test_what_a_person_wrote_stays(cast: dict[str, User], aircall: Connection) -> None:
    make_contact(cast["sales"], owner=cast["sales"], mobile=NUMBER)
    heard(aircall)
    values = {"notes": "Très intéressé", "subject": "Devis"}
    change_activity(user=cast["sales"], activity=logged(), values=values)
    heard(aircall, a_call(comments=[{"id": 1, "content": "Rappeler"}]), "call.commented", 300)
    heard(aircall, a_call(comments=[{"id": 1, "content": "Rappeler"}]), "call.commented", 301)
    assert logged().subject == "Devis"
    assert logged().notes == "Très intéressé\nRappeler"


def test_a_deleted_activity_does_not_come_back_by_itself(cast: dict[str, User], aircall: Connection) -> None:
    make_contact(cast["sales"], owner=cast["sales"], mobile=NUMBER)
    heard(aircall)
    batch = delete_activities(user=cast["sales"], pks=[logged().pk])
    heard(aircall, a_call(comments=[{"id": 1, "content": "Plus tard"}]), "call.commented", 300)
    assert not Activity.objects.exists()
    from timeline.models import BinEntry

    restore_from_bin(user=cast["sales"], entries=list(BinEntry.objects.filter(batch=batch)))
    heard(aircall, a_call(comments=[{"id": 2, "content": "Encore"}]), "call.commented", 310)
    assert "Encore" in logged().notes


def test_tags_that_exist_go_on_the_contact(cast: dict[str, User], aircall: Connection) -> None:
    from crm.models import Tag

    contact = make_contact(cast["sales"], owner=cast["sales"], mobile=NUMBER)
    create_tag(user=cast["admin"], tag=Tag(name="À rappeler"))
    for second in (300, 301):
        data = a_call(tags=[{"id": 1, "name": "a rappeler"}, {"id": 2, "name": "Inconnu"}])
        heard(aircall, data, "call.tagged", second)
    assert [str(tag) for tag in contact.tags.all()] == ["À rappeler"]
    assert Tag.objects.count() == 1


# --- Unknown numbers


def test_calls_of_an_unknown_number_wait_and_become_activities_once_it_has_a_name(
    cast: dict[str, User], aircall: Connection
) -> None:
    for number in range(3):
        heard(aircall, a_call(number, user={"name": "Inès", "email": "sales2@digiweb.test"}))
    caller = Caller.objects.get()
    assert (caller.number, caller.state, caller.waiting) == (NUMBER, Caller.State.UNKNOWN, 3)
    assert caller.last_person == cast["sales2"]
    contact = make_contact(cast["sales"], owner=cast["sales"])
    assert say_who(user=cast["sales"], caller=caller, contact=contact) == 3
    calls = Activity.objects.filter(contact=contact, kind="call")
    assert {call.owner for call in calls} == {cast["sales2"]}
    heard(aircall, a_call(9))  # the contact bears no number: it was said whose it is
    assert calls.all().count() == 4
    caller.refresh_from_db()
    assert (caller.state, caller.waiting) == (Caller.State.KNOWN, 0)


def test_an_ignored_number_stays_ignored_and_is_told_to_nobody(cast: dict[str, User]) -> None:
    aircall = connect(person="sales@digiweb.test")
    heard(aircall, a_missed_call(1))
    assert Notification.objects.get().user == cast["sales"]
    ignore_numbers(user=cast["sales"], pks=[Caller.objects.get().pk])
    heard(aircall, a_missed_call(2))
    caller = Caller.objects.get()
    assert (caller.state, caller.waiting) == (Caller.State.IGNORED, 2)
    assert Notification.objects.count() == 1


def test_by_night_numbers_that_are_known_by_now_are_identified(
    cast: dict[str, User], aircall: Connection
) -> None:
    heard(aircall)
    contact = make_contact(cast["sales"], owner=cast["sales"], phone=NUMBER)
    assert identify_waiting() == 1
    assert logged().contact == contact
    assert identify_waiting() == 0


def test_the_first_call_after_the_contact_was_made_brings_those_that_waited(
    cast: dict[str, User], aircall: Connection
) -> None:
    for number in range(3):
        heard(aircall, a_call(number))
    contact = make_contact(cast["sales"], owner=cast["sales"], phone=NUMBER)
    heard(aircall, a_call(2), "call.ended", 210)  # one of them, heard of again
    assert contact.activities.filter(kind="call").count() == 3
    caller = Caller.objects.get()
    assert (caller.state, caller.waiting) == (Caller.State.KNOWN, 0)


def test_more_calls_than_one_waits_for_are_logged_by_a_job(
    cast: dict[str, User], aircall: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.services.identify.AT_ONCE", 2)
    for number in range(5):
        heard(aircall, a_call(number))
    contact = make_contact(cast["sales"], owner=cast["sales"])
    assert say_who(user=cast["sales"], caller=Caller.objects.get(), contact=contact) == 2
    run = JobRun.objects.get(func="sync.jobs.adopt_calls")
    adopt_calls(**run.kwargs)
    assert contact.activities.filter(kind="call").count() == 5
    assert Caller.objects.get().state == Caller.State.KNOWN


def test_links_to_recordings_end_after_their_days(cast: dict[str, User]) -> None:
    aircall = connect(recordings="yes", recording_days="30")
    make_contact(cast["sales"], owner=cast["sales"], mobile=NUMBER)
    link = "https://assets.aircall.io/calls/1/recording/info"
    call = heard(aircall, a_call(asset=link, recording="javascript:alert(1)"))
    assert call.recording == link
    assert forget_recordings() == 0
    PhoneCall.objects.update(started_at=timezone.now() - timedelta(days=31))
    assert forget_recordings() == 1
    assert PhoneCall.objects.get().recording == ""


def test_when_links_are_no_longer_wanted_they_go_at_once() -> None:
    aircall = connect(recordings="yes")
    heard(aircall, a_call(asset="https://assets.aircall.io/calls/1"))
    aircall.settings = {"recordings": "no"}
    aircall.save()
    assert forget_recordings() == 1


def test_old_calls_without_an_activity_are_forgotten(
    cast: dict[str, User], aircall: Connection, settings: Any
) -> None:
    make_contact(cast["sales"], owner=cast["sales"], mobile=NUMBER)
    heard(aircall, a_call(1))
    heard(aircall, a_call(2, raw_digits="+33 6 99 99 99 99"))
    settings.CALL_DAYS = -1
    assert purge_phone_calls() == 1
    assert PhoneCall.objects.get().state == State.LOGGED
    assert Caller.objects.count() == 1


# --- What comes in


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None), (True, None), ("", None), ("soon", None), (-5, None), (10**30, None),
        (float("nan"), None),
        ([], None), ({}, None), (1795132800, 1795132800), ("1795132800", 1795132800),
        (1795132800.5, 1795132800.5),
        ("2026-11-20T08:30:00.000Z", 1795163400), ("2026-11-20", 1795132800), ("9" * 400, None),
    ],
)  # fmt: skip
def test_moments(value: Any, expected: Any) -> None:
    found = moment(value)
    assert (found.timestamp() if found else None) == expected


def test_texts_lose_what_no_column_takes() -> None:
    assert text("a\0b\ud800 ", 10) == "ab?"
    assert text(10**5000, 10) == ""
    assert (text(None, 5), text({}, 5), text(True, 5), text("x" * 9, 5)) == ("", "", "", "xxxxx")


def test_numbers() -> None:
    assert read_number("+33 6 12 34 56 78") == read_number("06.12.34.56.78") == NUMBER
    assert read_number("+33") == read_number("3639") == read_number("anonymous") == ""


HOSTILE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    "",
    "\0\ud800",
    "x" * 100_000,
    [],
    [[]],
    {},
    {"name": {}},
    10**25,
)


@pytest.mark.parametrize("name", sorted(a_call()))
def test_a_field_may_hold_anything(cast: dict[str, User], aircall: Connection, name: str) -> None:
    contact = make_contact(cast["sales"], owner=cast["sales"], mobile=NUMBER)
    for number, value in enumerate(HOSTILE):
        data = {**a_call(number), name: value}
        if name != "id":
            call = heard(aircall, data)
            assert call.ended_at is not None
    assert Contact.objects.get() == contact


def test_reading_a_call_needs_nothing_but_its_number() -> None:
    call = read_call({"id": 1}, timezone.now())
    assert (call.number_there, call.number, call.direction) == ("1", "", "in")
