"""Real scheduler processes: two at once, one killed while it fires, one that was away for a day."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from digiweb.jobs import enqueue, function_at
from digiweb.schedule import SCHEDULE, entry_named, key_of, tick
from digiweb.slots import last_slot
from tests.digiweb.test_jobs import until
from tests.fixtures.worker import database_url
from timeline.models import JobRun, ScheduleSlot

pytestmark = [pytest.mark.django_db(transaction=True)]
PARIS = ZoneInfo("Europe/Paris")
QUEUED = [entry for entry in SCHEDULE if not entry.inline]


def environment(settings: Any) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "digiweb.settings",
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "EMAIL_URL": "memorymail://",
    }


@pytest.mark.worker
def test_of_two_schedulers_that_run_at_once_each_slot_is_fired_by_one(settings: Any, tmp_path: Path) -> None:
    begun = timezone.now()
    argv = [sys.executable, "manage.py", "run_schedule"]
    logs = [(tmp_path / f"{number}.log").open("wb") for number in range(2)]
    both = [subprocess.Popen(argv, env=environment(settings), stdout=log, stderr=log) for log in logs]
    paths = [tmp_path / f"{number}.log" for number in range(2)]
    try:
        # Both are at it, and a signal no longer ends them in the middle of their start.
        until(lambda: all(b"Scheduler started" in path.read_bytes() for path in paths))
        until(lambda: ScheduleSlot.objects.filter(name="recover_jobs", took_ms__isnull=False).exists())
        due = [
            entry.name
            for entry in SCHEDULE
            if (slot := last_slot(entry, begun)) and begun - slot <= entry.catch_up
        ]
        until(lambda: set(due) <= set(ScheduleSlot.objects.values_list("name", flat=True)))
    finally:
        for one in both:
            one.send_signal(signal.SIGTERM)
        codes = [one.wait(20) for one in both]
        for log in logs:
            log.close()
    assert codes == [0, 0]
    slots = Counter(ScheduleSlot.objects.values_list("name", "slot"))
    assert set(slots.values()) == {1}
    asked = Counter(JobRun.objects.values_list("twin_key", flat=True))
    assert asked == Counter({key_of(entry): 1 for entry in QUEUED if entry.name in due})
    for path in paths:
        assert b"Traceback" not in path.read_bytes()


DIES = """
import os, signal, django
django.setup()
from datetime import datetime
from zoneinfo import ZoneInfo
from digiweb import schedule
made = schedule.enqueue
def enqueue(*args, **kwargs):
    if os.environ["WHEN"] == "after":
        made(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
schedule.enqueue = enqueue
moment = datetime(2026, 5, 5, 3, 30, tzinfo=ZoneInfo("Europe/Paris"))
schedule.tick(moment, [schedule.entry_named("purge_bin")])
"""


@pytest.mark.worker
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_scheduler_killed_while_it_fires_leaves_the_slot_to_the_next(settings: Any, when: str) -> None:
    """Killed with the slot written and the job not, or with both and nothing committed."""
    env = environment(settings) | {"WHEN": when}
    died = subprocess.run([sys.executable, "-c", DIES], env=env, check=False)
    assert died.returncode == -signal.SIGKILL
    assert not ScheduleSlot.objects.exists()
    assert not JobRun.objects.exists()
    entry = entry_named("purge_bin")
    assert entry is not None
    moment = datetime(2026, 5, 5, 3, 31, tzinfo=PARIS)
    assert tick(moment, [entry]) == ["purge_bin"]
    assert tick(moment, [entry]) == []
    assert JobRun.objects.count() == 1


@pytest.mark.parametrize("back", [0, 3, 4, 9, 12, 23])
def test_after_a_day_away_each_entry_is_caught_up_once_within_its_window(back: int) -> None:
    """The house's own schedule, whatever the hour at which the scheduler comes back."""
    stopped = datetime(2026, 5, 5, 12, 0, 30, tzinfo=PARIS)
    tick(stopped)
    JobRun.objects.update(state="done", key=None)
    ScheduleSlot.objects.all().delete()
    now = stopped + timedelta(days=1, hours=back)
    fired = [name for minutes in range(3) for name in tick(now + timedelta(minutes=minutes), QUEUED)]
    expected = []
    for entry in QUEUED:
        slot = last_slot(entry, now)
        if slot is not None and now - slot <= entry.catch_up:
            expected.append(entry.name)
    # What comes every five minutes may come due within these three.
    assert Counter(fired) - Counter(expected) <= Counter(["check_waiting_documents"])
    assert not Counter(expected) - Counter(fired)


class TestByName:
    @pytest.mark.parametrize("entry", SCHEDULE, ids=lambda entry: entry.name)
    def test_each_entry_is_done_by_its_name(self, entry: Any) -> None:
        out = StringIO()
        call_command("run_schedule", "--entry", entry.name, stdout=out)
        run = JobRun.objects.get(twin_key=key_of(entry))
        assert (run.state, run.user_id, run.key) == ("done", None, None)
        assert f"{entry.name}: done" in out.getvalue()
        assert not ScheduleSlot.objects.exists()

    def test_a_name_that_nobody_knows_ends_with_two(self) -> None:
        with pytest.raises(CommandError, match="purge_bin") as error:
            call_command("run_schedule", "--entry", "nothing")
        assert error.value.returncode == 2

    def test_what_is_under_way_already_ends_with_three(self) -> None:
        entry = QUEUED[0]
        enqueue(function_at(entry.func), label=entry.label, key=key_of(entry))
        with pytest.raises(CommandError) as error:
            call_command("run_schedule", "--entry", entry.name)
        assert error.value.returncode == 3
        assert JobRun.objects.count() == 1

    def test_what_fails_ends_with_one_and_says_why(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("timeline.services.bin.purge_bin", lambda: 1 / 0)
        with pytest.raises(CommandError, match="purge_bin") as error:
            call_command("run_schedule", "--entry", "purge_bin")
        assert error.value.returncode == 1
        run = JobRun.objects.get()
        assert (run.state, run.error in str(error.value)) == ("failed", True)

    def test_the_list_names_each(self) -> None:
        out = StringIO()
        call_command("run_schedule", "--list", stdout=out)
        assert [line.split()[0] for line in out.getvalue().splitlines()] == [one.name for one in SCHEDULE]
