"""The schedule: each slot once, at the right time of the year."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from digiweb import schedule
from digiweb.jobs import function_at
from digiweb.schedule import tick
from digiweb.slots import Entry, last_slot
from tests.digiweb import jobs as work
from timeline.models import JobRun, ScheduleSlot

pytestmark = pytest.mark.sqlite
PARIS = ZoneInfo("Europe/Paris")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def nothing_called() -> Iterator[None]:
    work.called.clear()
    yield
    work.called.clear()


def entry(cron: str, catch_up: timedelta = 20 * HOUR, *, inline: bool = True, name: str = "test") -> Entry:
    return Entry(name, "Test", cron, "tests.digiweb.jobs.note", catch_up, inline=inline)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def paris(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)  # type: ignore[misc,arg-type]


def slots(one: Entry, start: datetime, end: datetime) -> list[datetime]:
    """What a clock that looks every minute fires, as Paris sees it."""
    found: list[datetime] = []
    now = start
    while now < end:
        slot = last_slot(one, now)
        if slot is not None and slot >= start and slot not in found:
            assert now - slot < MINUTE, "fired late"
            found.append(slot)
        now += MINUTE
    return found


class TestTimes:
    def test_the_hour_is_that_of_paris_in_winter_and_in_summer(self) -> None:
        one = entry("0 8 * * 1")
        assert last_slot(one, utc(2026, 1, 5, 12)) == utc(2026, 1, 5, 7)
        assert last_slot(one, utc(2026, 7, 6, 12)) == utc(2026, 7, 6, 6)

    def test_the_slot_begins_at_its_very_moment(self) -> None:
        one = entry("30 3 * * *")
        assert last_slot(one, paris(2026, 5, 5, 3, 30)) == paris(2026, 5, 5, 3, 30)
        assert last_slot(one, paris(2026, 5, 5, 3, 29)) == paris(2026, 5, 4, 3, 30)

    def test_in_march_what_falls_into_the_missing_hour_comes_an_hour_later_once(self) -> None:
        found = slots(entry("30 2 * * *"), paris(2026, 3, 28, 12), paris(2026, 3, 30, 12))
        assert found == [utc(2026, 3, 29, 1, 30), utc(2026, 3, 30, 0, 30)]

    def test_in_october_what_falls_into_the_doubled_hour_comes_once(self) -> None:
        found = slots(entry("30 2 * * *"), paris(2026, 10, 24, 12), paris(2026, 10, 26, 12))
        assert found == [utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)]

    @pytest.mark.parametrize(
        ("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 6, 1), 24)]
    )
    def test_what_runs_every_hour_runs_in_every_hour_that_passes(
        self, day: tuple[int, int, int], hours: int
    ) -> None:
        start = paris(*day)
        end = (start.replace(tzinfo=None) + DAY).replace(tzinfo=PARIS)
        assert len(slots(entry("15 * * * *"), start.astimezone(UTC), end.astimezone(UTC))) == hours

    @pytest.mark.parametrize("start", [utc(2026, 3, 29, 0), utc(2026, 10, 24, 23)])
    def test_every_minute_has_its_slot_also_when_clocks_change(self, start: datetime) -> None:
        one = entry("* * * * *")
        for minute in range(0, 240, 7):
            now = start + minute * MINUTE
            assert last_slot(one, now + timedelta(seconds=20)) == now


@pytest.mark.django_db(transaction=True)
class TestTick:
    def test_a_slot_fires_once_however_often_one_looks(self) -> None:
        now = paris(2026, 5, 5, 3, 30)
        assert tick(now, [entry("30 3 * * *")]) == ["test"]
        assert tick(now + 20 * MINUTE, [entry("30 3 * * *")]) == []
        assert len(work.called) == 1

    def test_after_a_day_without_scheduler_it_is_caught_up_once(self) -> None:
        one = entry("0 * * * *", catch_up=30 * MINUTE)
        assert tick(paris(2026, 5, 5, 3, 0), [one]) == ["test"]
        assert tick(paris(2026, 5, 6, 3, 20), [one]) == ["test"]
        assert tick(paris(2026, 5, 6, 3, 21), [one]) == []
        assert ScheduleSlot.objects.count() == 2

    def test_what_is_too_late_for_its_window_is_left_out(self) -> None:
        assert tick(paris(2026, 5, 5, 9, 0), [entry("30 3 * * *", catch_up=2 * HOUR)]) == []

    def test_two_schedulers_at_once_fire_it_once(self) -> None:
        fired: list[str] = []
        barrier = threading.Barrier(6)
        one = entry("30 3 * * *", inline=False)

        def look() -> None:
            barrier.wait()
            try:
                fired.extend(tick(paris(2026, 5, 5, 3, 30), [one]))
            finally:
                connection.close()

        threads = [threading.Thread(target=look) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert fired == ["test"]
        assert JobRun.objects.count() == 1
        assert ScheduleSlot.objects.count() == 1

    def test_the_slot_and_its_job_come_to_be_together_or_not_at_all(self, monkeypatch: Any) -> None:
        def fail(*args: Any, **kwargs: Any) -> None:
            raise RuntimeError

        one = entry("30 3 * * *", inline=False)
        with monkeypatch.context() as broken:
            broken.setattr(schedule, "enqueue", fail)
            assert tick(paris(2026, 5, 5, 3, 30), [one]) == []
        assert not ScheduleSlot.objects.exists()
        assert tick(paris(2026, 5, 5, 3, 31), [one]) == ["test"]

    def test_one_broken_entry_stops_no_other(self) -> None:
        broken = Entry("broken", "Broken", "* * * * *", "tests.digiweb.jobs.nothing", HOUR, inline=True)
        assert tick(paris(2026, 5, 5, 3, 30), [broken, entry("* * * * *")]) == ["test"]

    def test_old_slots_are_swept_and_the_last_one_stays(self) -> None:
        one = entry("0 0 1 * *", catch_up=DAY)
        for month in range(1, 6):
            tick(paris(2026, month, 1, 0, 0), [one])
        assert [slot.slot for slot in ScheduleSlot.objects.all()] == [paris(2026, 5, 1)]

    def test_the_command_fires_what_is_due_and_ends(self) -> None:
        call_command("run_schedule", "--once", stdout=StringIO())
        assert ScheduleSlot.objects.filter(name="recover_jobs").exists()


class TestSchedule:
    def test_names_are_unique_and_fit_their_column(self) -> None:
        names = [one.name for one in schedule.SCHEDULE]
        assert len(names) == len(set(names))
        assert max(map(len, names)) <= 60

    @pytest.mark.parametrize("one", schedule.SCHEDULE, ids=lambda one: one.name)
    def test_each_entry_names_a_job_and_times_that_come(self, one: Entry) -> None:
        assert function_at(one.func)
        assert last_slot(one, timezone.now())

    @pytest.mark.django_db
    @pytest.mark.parametrize("one", schedule.SCHEDULE, ids=lambda one: one.name)
    def test_each_job_runs(self, one: Entry) -> None:
        function_at(one.func)()
