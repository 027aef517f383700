"""A whole year of each kind of cron, with the changes of clocks in March and October: each slot once."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from digiweb.schedule import SCHEDULE
from digiweb.schedule_words import words_of_cron
from digiweb.slots import Entry, last_slot, next_slot

PARIS = ZoneInfo("Europe/Paris")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START, END = datetime(2026, 1, 1, tzinfo=PARIS), datetime(2027, 1, 1, tzinfo=PARIS)
# What the house has and what it will: nightly, weekly, monthly, hourly, every few minutes, several a day.
CRONS = [
    "30 2 * * *", "0 2 * * *", "59 2 * * *", "0 3 * * *", "30 3 * * *", "10 0 * * *", "0 8 * * 1",
    "30 2 * * 0", "0 6 1 * *", "15 2 29 * *", "0 * * * *", "15 * * * *", "0 */6 * * *", "*/30 * * * *",
    "0 2,14 * * *",
    "30 1-3 * * *",
]  # fmt: skip
CHANGES = [datetime(2026, 3, 29, tzinfo=PARIS), datetime(2026, 10, 25, tzinfo=PARIS)]


def entry(cron: str) -> Entry:
    return Entry("test", "Test", cron, "tests.digiweb.jobs.note", HOUR)


def slots(one: Entry, start: datetime, end: datetime) -> list[datetime]:
    found, now = [], start.astimezone(UTC) - MINUTE
    while (slot := next_slot(one, now)) is not None and slot < end:
        assert slot > now
        found.append(slot)
        now = slot
    return found


def days(start: datetime, end: datetime) -> list[datetime]:
    count = (end.replace(tzinfo=None) - start.replace(tzinfo=None)).days
    return [(start.replace(tzinfo=None) + number * DAY).replace(tzinfo=PARIS) for number in range(count)]


@pytest.mark.parametrize("cron", CRONS)
def test_looking_forward_and_looking_back_see_the_same_slots(cron: str) -> None:
    one = entry(cron)
    around = [(change - 3 * DAY, change + 3 * DAY) for change in CHANGES]
    for start, end in around if one.every_hour else [(START, END)]:
        found = slots(one, start, end)
        assert len(found) == len(set(found))
        before = None
        for slot in found:
            assert last_slot(one, slot) == slot
            if before is not None:
                assert last_slot(one, slot - MINUTE) == before, f"something between {before} and {slot}"
            before = slot


@pytest.mark.parametrize("cron", ["30 2 * * *", "0 2 * * *", "59 2 * * *", "0 3 * * *", "10 0 * * *"])
def test_what_comes_daily_comes_once_each_day_of_the_year(cron: str) -> None:
    found = [slot.astimezone(PARIS).date() for slot in slots(entry(cron), START, END)]
    assert found == [day.date() for day in days(START, END)]


def test_what_comes_on_mondays_comes_on_each_monday_at_its_hour() -> None:
    found = [slot.astimezone(PARIS) for slot in slots(entry("0 8 * * 1"), START, END)]
    assert [slot.date() for slot in found] == [day.date() for day in days(START, END) if day.weekday() == 0]
    assert {(slot.hour, slot.minute) for slot in found} == {(8, 0)}


def test_what_comes_on_sundays_in_the_hour_of_the_change_comes_on_each_sunday_once() -> None:
    found = [slot.astimezone(PARIS).date() for slot in slots(entry("30 2 * * 0"), START, END)]
    assert found == [day.date() for day in days(START, END) if day.weekday() == 6]


def test_what_comes_monthly_comes_twelve_times() -> None:
    assert len(slots(entry("0 6 1 * *"), START, END)) == 12


def test_what_comes_hourly_comes_in_every_hour_that_passes() -> None:
    hours = int((END.astimezone(UTC) - START.astimezone(UTC)) / HOUR)
    found = slots(entry("15 * * * *"), START, END)
    assert len(found) == hours
    assert {later - earlier for earlier, later in pairwise(found)} == {HOUR}


@pytest.mark.parametrize("change", CHANGES)
def test_every_minute_of_the_days_of_the_change_has_its_slot(change: datetime) -> None:
    end = (change.replace(tzinfo=None) + DAY).replace(tzinfo=PARIS)
    found = slots(entry("* * * * *"), change, end)
    assert len(found) == int((end.astimezone(UTC) - change.astimezone(UTC)) / MINUTE)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("one", SCHEDULE, ids=lambda one: one.name)
def test_each_entry_of_the_house_at_a_fixed_hour_comes_once_on_the_day_of_the_change(
    one: Entry, change: datetime
) -> None:
    end = (change.replace(tzinfo=None) + DAY).replace(tzinfo=PARIS)
    # Clocks change on Sundays: what runs on working days or on the first of a month has no slot then.
    on_that_day = croniter.match(" ".join(["*", "*", *one.cron.split()[2:]]), change.replace(tzinfo=None))
    if not one.every_hour:
        assert len(slots(one, change, end)) == int(on_that_day)


@given(
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
    cron=st.sampled_from(CRONS),
)
def test_no_slot_lies_between_the_last_and_the_next(moment: datetime, cron: str) -> None:
    one, now = entry(cron), moment.replace(tzinfo=UTC)
    before, after = last_slot(one, now), next_slot(one, now)
    assert before is not None
    assert after is not None
    assert before <= now < after
    assert next_slot(one, before) == after
    assert last_slot(one, after - timedelta(seconds=1)) == before


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("* * * * *", "every minute"),
        ("*/5 * * * *", "every 5 minutes"),
        ("0 * * * *", "every hour"),
        ("5 * * * *", "every hour at 05 past"),
        ("0 */6 * * *", "every 6 hours"),
        ("30 3 * * *", "every day at 03:30"),
        ("0 8,18 * * *", "every day at 08:00, 18:00"),
        ("0 8 * * 1", "every Monday at 08:00"),
        ("0 8 * * 0", "every Sunday at 08:00"),
        ("0 8 * * 1-5", "from Monday to Friday at 08:00"),
        ("0 6 1 * *", "on day 1 of each month at 06:00"),
        ("0 6 1 1 *", "0 6 1 1 *"),
        ("0 8 * * 1-3", "0 8 * * 1-3"),
        ("0-10 3 * * *", "0-10 3 * * *"),
    ],
)
def test_times_are_said_in_words(cron: str, words: str) -> None:
    with translation.override("en"):
        assert words_of_cron(cron) == words
