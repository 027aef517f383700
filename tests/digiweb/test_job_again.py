"""A run done again, its log, who is told how it ended, and when it is forgotten."""

import importlib
import inspect
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_rq
import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from crm.models import ContactImport
from crm.services.contact_import import cancel_import
from digiweb import jobs as door
from digiweb import leases
from digiweb.job_kinds import job_kind, job_kinds
from digiweb.job_log import LENGTH, MOST_LINES
from digiweb.schedule import SCHEDULE, key_of
from people.models import Department, User
from tests.base import make_cast
from tests.digiweb import jobs as work
from tests.digiweb.test_jobs import make_dead, queued
from timeline.models import Event, JobLine, JobRun, Notification
from timeline.services import job_run as service

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def failed_run(user: User | None = None, **values: Any) -> JobRun:
    values = {"label": "Add", "func": "tests.digiweb.jobs.add_departments", "kwargs": {"count": 3}, **values}
    values = {"state": "failed", "error": "It broke.", "attempts": 3, "twin_key": "one", **values}
    return JobRun.objects.create(user=user, ended_at=timezone.now(), **values)


class TestAgain:
    @pytest.mark.parametrize("state", ["failed", "cancelled"])
    def test_it_keeps_its_number_its_person_and_its_key(self, cast: dict[str, User], state: str) -> None:
        run = failed_run(cast["sales"], state=state)
        door.retry(run, user=cast["admin"])
        run.refresh_from_db()
        assert (run.state, run.key, run.error, run.attempts) == ("queued", "one", "", 0)
        assert (run.user, run.started_at, run.ended_at) == (cast["sales"], None, None)
        assert queued() == [run.pk]
        door.run_job(run.pk)
        run.refresh_from_db()
        assert (run.state, run.key, run.twin_key) == ("done", None, "one")
        assert Department.objects.count() >= 3
        assert "Alice" in run.lines.get().text
        event = Event.objects.get(action="job_retried")
        assert (event.actor_id, event.subject_id) == (cast["admin"].pk, run.pk)

    @pytest.mark.parametrize("state", ["queued", "running", "done"])
    def test_what_has_not_ended_so_is_left_alone(self, cast: dict[str, User], state: str) -> None:
        run = failed_run(state=state)
        with pytest.raises(ValidationError):
            door.retry(run, user=cast["admin"])
        run.refresh_from_db()
        assert run.state == state
        assert queued() == []

    def test_two_live_twins_there_are_never(self, cast: dict[str, User]) -> None:
        run = failed_run()
        live = door.enqueue(work.note, label="Add", key="one")
        with pytest.raises(ValidationError):
            door.retry(run, user=cast["admin"])
        assert list(JobRun.objects.filter(key="one")) == [live]
        door.run_job(live.pk)
        door.retry(run, user=cast["admin"])
        assert door.enqueue(work.note, label="Add", key="one") == run

    def test_a_kind_that_is_no_more_is_not_done_again(self, cast: dict[str, User]) -> None:
        with pytest.raises(ValidationError):
            door.retry(failed_run(func="tests.digiweb.jobs.gone"), user=cast["admin"])

    def test_a_worker_that_was_still_in_it_writes_nothing_more(self, cast: dict[str, User]) -> None:
        run = failed_run(state="queued", attempts=0)
        assert leases.claim(run.pk, "mine")
        progress = leases.Progress(run, "mine")
        door.cancel(run)
        run.refresh_from_db()
        door.retry(run, user=cast["admin"])
        with pytest.raises(leases.LeaseLost):
            progress.set(1, 3)
        with pytest.raises(leases.LeaseLost):
            progress.log("Too late")

    def test_an_import_that_was_stopped_goes_on_with_its_job(self, cast: dict[str, User]) -> None:
        run = failed_run(
            cast["sales"], state="queued", func="crm.jobs.run_contact_import", twin_key="contact-import-1"
        )
        one = ContactImport.objects.create(
            user=cast["sales"],
            name="salon.csv",
            kind="csv",
            state="running",
            job=run,
            file="imports/salon.csv",
        )
        JobRun.objects.update(kwargs={"import_id": one.pk})
        cancel_import(user=cast["sales"], run=one)
        run.refresh_from_db()
        assert (run.state, one.state) == ("cancelled", "cancelled")
        door.retry(run, user=cast["sales"])
        one.refresh_from_db()
        assert (one.state, one.job_id) == ("running", run.pk)

    def test_an_import_that_went_on_otherwise_is_not_done_twice(self, cast: dict[str, User]) -> None:
        run = failed_run(cast["sales"], func="crm.jobs.run_contact_import")
        one = ContactImport.objects.create(
            user=cast["sales"], name="a.csv", kind="csv", state="done", job=run
        )
        JobRun.objects.update(kwargs={"import_id": one.pk})
        run.refresh_from_db()
        with pytest.raises(ValidationError):
            door.retry(run, user=cast["sales"])
        run.refresh_from_db()
        assert run.state == "failed"


class TestLog:
    def test_lines_are_kept_with_their_order_and_bounded(self) -> None:
        run = door.enqueue(work.speak, label="Speak", lines=MOST_LINES + 150)
        door.run_job(run.pk)
        texts = list(run.lines.values_list("text", flat=True))
        assert MOST_LINES <= len(texts) <= MOST_LINES + leases.SWEEP_EVERY
        assert texts[-1] == f"Line {MOST_LINES + 149}"

    def test_a_long_line_is_cut(self) -> None:
        run = failed_run(state="queued", attempts=0)
        leases.claim(run.pk, "mine")
        leases.Progress(run, "mine").log("word\n" * 200)
        text = run.lines.get().text
        assert len(text) == LENGTH
        assert text.endswith("…")
        assert "\n" not in text

    def test_a_line_belongs_to_the_transaction_it_is_said_in_and_the_error_stays(self) -> None:
        run = door.enqueue(work.speak_and_fail, label="Speak")
        door.run_job(run.pk)
        found = list(run.lines.values_list("level", "text"))
        assert found == [("info", "Outside"), ("error", "No more.")]

    def test_it_says_why_it_is_tried_again(self) -> None:
        run = door.enqueue(work.meet, label="Meet", error="database")
        door.run_job(run.pk)
        line = run.lines.get()
        assert line.level == "warning"
        assert "10 s" in line.text

    def test_each_function_of_each_jobs_module_has_words(self) -> None:
        known = {kind.func for kind in job_kinds()} | {entry.func for entry in SCHEDULE}
        files = [
            path for app in ("crm", "people", "sync", "timeline") for path in (ROOT / app).rglob("jobs.py")
        ]
        lacking = []
        for path in files:
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for func_name, func in inspect.getmembers(importlib.import_module(name), inspect.isfunction):
                if func.__module__ == name and f"{name}.{func_name}" not in known:
                    lacking.append(f"{name}.{func_name}")
        assert files
        assert not lacking, "register_job() in apps.py"

    def test_a_kind_without_words_is_called_by_its_path(self) -> None:
        assert job_kind("a.jobs.b").label == "a.jobs.b"


def told(user: User) -> list[tuple[str, str]]:
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("kind", "url"))


class TestNews:
    def test_a_quick_job_that_went_well_is_not_told(self, cast: dict[str, User]) -> None:
        run = door.enqueue(work.note, label="Note", user=cast["sales"])
        door.run_job(run.pk)
        assert told(cast["sales"]) == []

    def test_a_long_one_is_told_once_with_where_to_look(self, cast: dict[str, User]) -> None:
        run = door.enqueue(work.note, label="Note", user=cast["sales"], url="/crm/imports/")
        JobRun.objects.update(created_at=timezone.now() - timedelta(minutes=2))
        door.run_job(run.pk)
        door.run_job(run.pk)
        assert told(cast["sales"]) == [("job.done", "/crm/imports/")]

    def test_one_that_fails_is_told_however_quick(self, cast: dict[str, User]) -> None:
        run = door.enqueue(work.meet, label="Meet", user=cast["sales"], error="told")
        door.run_job(run.pk)
        assert told(cast["sales"]) == [("job.failed", run.get_absolute_url())]
        assert "closed" in Notification.objects.get().text

    def test_what_one_stops_oneself_is_not_told_what_a_colleague_stops_is(
        self, cast: dict[str, User]
    ) -> None:
        mine, theirs = (door.enqueue(work.note, label="Note", user=cast["sales"]) for _ in range(2))
        door.cancel(mine, user=cast["sales"])
        assert told(cast["sales"]) == []
        door.cancel(theirs, user=cast["admin"])
        assert told(cast["sales"]) == [("job.failed", theirs.get_absolute_url())]
        assert Event.objects.filter(action="job_stopped").count() == 2

    def test_a_job_of_the_clock_that_fails_is_told_to_administrators_once_a_day(
        self, cast: dict[str, User]
    ) -> None:
        for _time in range(3):
            door.run_job(door.enqueue(work.meet, label="Meet", error="bug").pk)
        assert [kind for kind, _url in told(cast["admin"])] == ["job.failed"]
        assert all(told(person) == [] for key, person in cast.items() if key != "admin")

    def test_a_run_that_kills_its_workers_is_told_too(self, cast: dict[str, User]) -> None:
        run = failed_run(cast["sales"], state="queued", attempts=0)
        leases.claim(run.pk, "mine")
        JobRun.objects.update(attempts=door.MAX_ATTEMPTS)
        make_dead(run)
        door.recover_runs()
        assert [kind for kind, _url in told(cast["sales"])] == ["job.failed"]
        assert run.lines.get().level == "error"

    def test_news_that_cannot_be_told_do_not_undo_the_end(
        self, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(door, "_listeners", [lambda run, by: 1 / 0])
        run = door.enqueue(work.note, label="Note", user=cast["sales"])
        door.run_job(run.pk)
        run.refresh_from_db()
        assert run.state == "done"


class TestForgetting:
    def make(self, days: int, **values: Any) -> JobRun:
        ended = timezone.now() - timedelta(days=days)
        run = failed_run(**{"twin_key": "", **values})
        JobRun.objects.filter(pk=run.pk).update(created_at=ended, ended_at=ended)
        JobLine.objects.create(run=run, text="Line")
        return run

    def test_runs_go_when_their_time_is_over_with_their_logs(self, cast: dict[str, User]) -> None:
        clock = key_of(SCHEDULE[2])
        going = [
            self.make(91, user=cast["sales"]),
            self.make(91),
            self.make(15, state="done"),
            self.make(15, state="done", user=cast["sales"], quiet=True),
            self.make(100, state="done", twin_key=clock),
        ]
        staying = [
            self.make(89, user=cast["sales"]),
            self.make(15),
            self.make(15, state="done", user=cast["sales"]),
            self.make(13, state="done"),
            self.make(95, state="done", twin_key=clock),  # the last run of an entry
        ]
        waiting = JobRun.objects.create(label="Old", func="x.jobs.y")
        JobRun.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(days=200))
        assert service.purge_job_runs() == len(going)
        left = set(JobRun.objects.values_list("pk", flat=True))
        assert left == {run.pk for run in staying} | {waiting.pk}
        assert set(JobLine.objects.values_list("run_id", flat=True)) == {run.pk for run in staying}
        assert service.purge_job_runs() == 0


def test_routine_that_fails_is_routine_no_more() -> None:
    run = failed_run(state="queued", attempts=0, func="timeline.jobs.mail_notification", quiet=True)
    JobRun.objects.update(kwargs={"nonsense": 1})
    door.run_job(run.pk)
    run.refresh_from_db()
    assert (run.state, run.quiet) == ("failed", False)
    assert not django_rq.get_queue().get_job_ids()
