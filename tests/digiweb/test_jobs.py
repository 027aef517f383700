"""Background jobs: once, whatever dies."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import django_rq
import pytest
from django.db import connection, transaction
from django.utils import timezone

from digiweb import jobs as door
from digiweb import leases
from people.models import Department, User
from tests.digiweb import jobs as work
from timeline.models import JobRun

pytestmark = pytest.mark.sqlite


@pytest.fixture(autouse=True)
def nothing_called() -> Iterator[None]:
    work.called.clear()
    yield
    work.called.clear()


def queued() -> list[int]:
    """Numbers of the runs in RQ's queue, in order."""
    return [int(job_id.split("-")[1]) for job_id in django_rq.get_queue().get_job_ids()]


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail("It did not happen in time")
        time.sleep(0.05)


def state_of(run: Any) -> str:
    return str(JobRun.objects.values_list("state", flat=True).get(pk=run.pk))


def make_dead(run: Any) -> None:
    """As if its worker had been silent for a minute."""
    JobRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=1))


def write(progress: leases.Progress) -> None:
    """One piece of work and its progress, together."""
    with transaction.atomic():
        Department.objects.create(name="Written too late")
        progress.step()


@pytest.mark.django_db(transaction=True)
class TestEnqueue:
    def test_the_job_is_queued_when_the_transaction_commits(self) -> None:
        with transaction.atomic():
            run = door.enqueue(work.note, label="Note", number=1)
            assert queued() == []
        assert queued() == [run.pk]
        assert (run.state, run.func, run.kwargs) == ("queued", "tests.digiweb.jobs.note", {"number": 1})

    def test_nothing_is_left_of_it_when_the_transaction_fails(self) -> None:
        with transaction.atomic():
            door.enqueue(work.note, label="Note")
            transaction.set_rollback(True)
        assert queued() == []
        assert not JobRun.objects.exists()

    def test_a_live_run_is_returned_instead_of_a_twin(self) -> None:
        first = door.enqueue(work.note, label="Note", key="one")
        assert door.enqueue(work.note, label="Note", key="one") == first
        assert door.enqueue(work.note, label="Note", key="two") != first
        assert len(queued()) == 2

    def test_the_key_is_free_again_when_the_run_has_ended(self) -> None:
        first = door.enqueue(work.note, label="Note", key="one")
        door.run_job(first.pk)
        assert door.enqueue(work.note, label="Note", key="one") != first

    def test_many_at_once_with_one_key_make_one_run(self) -> None:
        found: list[int] = []
        barrier = threading.Barrier(8)

        def ask() -> None:
            barrier.wait()
            try:
                with transaction.atomic():
                    found.append(door.enqueue(work.note, label="Note", key="one").pk)
            finally:
                connection.close()

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        assert len(set(found)) == 1
        assert queued() == found[:1]

    @pytest.mark.parametrize("func", [os.getcwd, time.sleep, lambda: None, User.objects.count, JobRun])
    def test_only_functions_of_a_jobs_module_pass_the_door(self, func: Any) -> None:
        with pytest.raises(TypeError):
            door.enqueue(func, label="No")

    @pytest.mark.parametrize(
        "path",
        ["os.system", "jobs", "tests.digiweb.jobs.os", "tests.digiweb.jobs.called", "nowhere.jobs.run"],
    )
    def test_a_path_that_names_no_job_is_not_run(self, path: str) -> None:
        run = JobRun.objects.create(label="No", func=path)
        door.run_job(run.pk)
        assert state_of(run) == "failed"

    def test_ids_that_cannot_travel_are_refused_at_once(self) -> None:
        with pytest.raises(TypeError):
            door.enqueue(work.note, label="Note", thing=object())

    def test_without_redis_the_run_waits_in_the_database(self, settings: Any) -> None:
        there = settings.RQ_QUEUES
        settings.RQ_QUEUES = {"default": {"URL": "redis://127.0.0.1:1/0"}}
        run = door.enqueue(work.note, label="Note")
        settings.RQ_QUEUES = there
        assert state_of(run) == "queued"
        JobRun.objects.update(created_at=timezone.now() - timedelta(minutes=1))
        assert door.recover_runs() == 1
        assert queued() == [run.pk]


@pytest.mark.django_db(transaction=True)
class TestRun:
    def test_it_says_where_its_changes_come_from(self) -> None:
        run = door.enqueue(work.note, label="Note", number=7)
        door.run_job(run.pk, "request-1")
        assert work.called[0]["number"] == 7
        origin: Any = work.called[0]["origin"]
        assert (origin.channel, origin.request_id) == ("job", "request-1")
        run.refresh_from_db()
        assert (run.state, run.key, run.attempts) == ("done", None, 1)
        assert run.ended_at is not None

    def test_delivered_twice_it_runs_once(self) -> None:
        run = door.enqueue(work.note, label="Note")
        door.run_job(run.pk)
        door.run_job(run.pk)
        assert len(work.called) == 1

    def test_a_run_that_another_worker_holds_is_left_alone(self) -> None:
        run = door.enqueue(work.note, label="Note")
        assert leases.claim(run.pk, "another")
        door.run_job(run.pk)
        assert work.called == []
        make_dead(run)
        door.run_job(run.pk)
        assert len(work.called) == 1

    def test_of_many_that_claim_at_once_one_gets_it(self) -> None:
        run = JobRun.objects.create(label="Note", func="tests.digiweb.jobs.note")
        got: list[bool] = []
        barrier = threading.Barrier(6)

        def claim(name: str) -> None:
            barrier.wait()
            try:
                got.append(leases.claim(run.pk, name))
            finally:
                connection.close()

        threads = [threading.Thread(target=claim, args=(str(number),)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(got) == [False] * 5 + [True]

    def test_progress_is_kept_with_the_work(self) -> None:
        run = door.enqueue(work.add_departments, label="Add", count=3)
        door.run_job(run.pk)
        run.refresh_from_db()
        assert (run.state, run.done, run.total, run.percent) == ("done", 3, 3, 100)

    def test_an_update_that_changes_nothing_still_finds_its_row(self) -> None:
        """MySQL counts changed rows unless told otherwise: the lease would seem lost."""
        run = JobRun.objects.create(label="Note", func="tests.digiweb.jobs.note")
        leases.claim(run.pk, "mine")
        values = JobRun.objects.values("heartbeat_at", "done").get(pk=run.pk)
        assert leases.held(run.pk, "mine").update(**values) == 1
        assert leases.held(run.pk, "other").update(**values) == 0

    def test_a_worker_that_was_taken_over_rolls_its_work_back(self) -> None:
        run = JobRun.objects.create(label="Add", func="tests.digiweb.jobs.add_departments")
        leases.claim(run.pk, "mine")
        progress = leases.Progress(run, "mine")
        make_dead(run)
        assert leases.claim(run.pk, "the next one")
        with pytest.raises(leases.LeaseLost):
            write(progress)
        assert not Department.objects.exists()

    def test_a_cancelled_run_stops_at_its_next_step_and_rolls_back(self) -> None:
        run = JobRun.objects.create(label="Add", func="tests.digiweb.jobs.add_departments", key="one")
        leases.claim(run.pk, "mine")
        progress = leases.Progress(run, "mine")
        assert door.cancel(run)
        with pytest.raises(leases.JobCancelled):
            write(progress)
        assert not Department.objects.exists()
        run.refresh_from_db()
        assert (run.state, run.key) == ("cancelled", None)
        assert not door.cancel(run)

    def test_a_run_cancelled_before_it_began_never_begins(self) -> None:
        run = door.enqueue(work.note, label="Note")
        door.cancel(run)
        door.run_job(run.pk)
        assert work.called == []
        assert state_of(run) == "cancelled"

    def test_a_sign_of_life_is_given_beside_the_work(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(leases, "HEARTBEAT_SECONDS", 0.02)
        run = JobRun.objects.create(label="Note", func="tests.digiweb.jobs.note")
        leases.claim(run.pk, "mine")
        make_dead(run)
        with leases.Heartbeat(run.pk, "mine"):
            until(lambda: not JobRun.objects.filter(leases.dead(timezone.now()), pk=run.pk).exists(), 10)

    def test_a_sign_of_life_that_waits_for_somebody_holds_no_end_up(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(leases, "HEARTBEAT_SECONDS", 2)
        run = JobRun.objects.create(label="Note", func="tests.digiweb.jobs.note")
        leases.claim(run.pk, "mine")
        with transaction.atomic():
            JobRun.objects.select_for_update().get(pk=run.pk)
            beat = leases.Heartbeat(run.pk, "mine")
            with beat:
                time.sleep(2.3)  # the thread waits for our transaction now
                begun = time.monotonic()
            assert time.monotonic() - begun < 1
        beat._thread.join(10)


@pytest.mark.django_db(transaction=True)
class TestErrors:
    def test_a_passing_trouble_is_tried_again_later_and_later_then_fails(self) -> None:
        run = door.enqueue(work.meet, label="Meet", error="database", key="one")
        waits = []
        for _attempt in range(3):
            before = timezone.now()
            door.run_job(run.pk)
            run.refresh_from_db()
            assert (run.state, run.key) == ("queued", "one")
            waits.append(round((run.heartbeat_at - before).total_seconds()))
            door.run_job(run.pk)  # too early: nothing happens
            assert JobRun.objects.get(pk=run.pk).attempts == run.attempts
            JobRun.objects.update(heartbeat_at=timezone.now())
        assert waits == [10, 60, 300]
        door.run_job(run.pk)
        run.refresh_from_db()
        assert (run.state, run.key) == ("failed", None)

    def test_a_retry_that_is_due_is_queued_by_the_recovery(self) -> None:
        run = door.enqueue(work.meet, label="Meet", error="database")
        django_rq.get_queue().empty()
        door.run_job(run.pk)
        assert door.recover_runs() == 0
        JobRun.objects.update(heartbeat_at=timezone.now())
        assert door.recover_runs() == 1
        assert door.recover_runs() == 0  # it waits in RQ's queue now

    @pytest.mark.parametrize(
        ("error", "text"),
        [("input", "The file is empty."), ("told", "The account is closed."), ("bug", "job run")],
    )
    def test_the_person_reads_a_sentence_and_no_traceback(self, error: str, text: str) -> None:
        person = User.objects.create_user("ada@digiweb.test", first_name="Ada", last_name="L", language="en")
        run = door.enqueue(work.meet, label="Meet", user=person, error=error)
        door.run_job(run.pk)
        run.refresh_from_db()
        assert run.state == "failed"
        assert text in run.error
        assert "Traceback" not in run.error
        assert "secret" not in run.error

    def test_a_run_that_only_ever_kills_its_workers_fails_in_the_end(self) -> None:
        run = JobRun.objects.create(label="Die", func="tests.digiweb.jobs.die_always", key="one")
        leases.claim(run.pk, "mine")
        JobRun.objects.update(attempts=door.MAX_ATTEMPTS)
        make_dead(run)
        assert door.recover_runs() == 0
        run.refresh_from_db()
        assert (run.state, run.key) == ("failed", None)

    def test_getting_further_forgives_earlier_interruptions(self) -> None:
        run = JobRun.objects.create(label="Add", func="tests.digiweb.jobs.add_departments", done=5)
        leases.claim(run.pk, "mine")
        JobRun.objects.update(attempts=8)
        progress = leases.Progress(run, "mine")
        progress.set(5)
        assert JobRun.objects.get().attempts == 8
        progress.set(6)
        assert JobRun.objects.get().attempts == 1


@pytest.mark.django_db(transaction=True)
class TestRecovery:
    def test_what_redis_forgot_is_queued_again(self) -> None:
        run = door.enqueue(work.note, label="Note")
        django_rq.get_queue().empty()
        assert door.recover_runs() == 0  # too young: it may be on its way
        JobRun.objects.update(created_at=timezone.now() - timedelta(minutes=1))
        assert door.recover_runs() == 1
        assert queued() == [run.pk]

    def test_what_waits_its_turn_is_not_queued_twice(self) -> None:
        run = door.enqueue(work.note, label="Note")
        JobRun.objects.update(created_at=timezone.now() - timedelta(hours=1))
        assert door.recover_runs() == 0
        assert queued() == [run.pk]

    def test_runs_that_ended_are_left_alone(self) -> None:
        run = door.enqueue(work.note, label="Note")
        door.run_job(run.pk)
        django_rq.get_queue().empty()
        JobRun.objects.update(created_at=timezone.now() - timedelta(hours=1))
        make_dead(run)
        assert door.recover_runs() == 0


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
class TestRealWorkers:
    def test_a_worker_killed_in_the_middle_and_another_one_finish_the_run_once(self, worker: Any) -> None:
        run = door.enqueue(work.add_departments, label="Add", count=40, seconds=0.05)
        first = worker(JOB_LEASE_SECONDS="2")
        until(lambda: Department.objects.count() >= 5)
        first.kill()
        done = Department.objects.count()
        assert state_of(run) == "running"
        assert done < 40
        worker(JOB_LEASE_SECONDS="2")
        until(lambda: state_of(run) == "done")
        assert Department.objects.count() == 40
        run.refresh_from_db()
        assert (run.done, run.total) == (40, 40)

    def test_a_job_process_that_dies_is_replaced_without_waiting_for_its_lease(
        self, worker: Any, tmp_path: Any
    ) -> None:
        run = door.enqueue(work.add_departments, label="Add", count=10, die_at=4)
        worker(JOB_LEASE_SECONDS="3600", DIED=str(tmp_path / "died"))
        until(lambda: state_of(run) == "done")
        assert (tmp_path / "died").exists()
        assert Department.objects.count() == 10

    def test_a_long_job_keeps_its_lease_and_runs_once(self, worker: Any) -> None:
        run = door.enqueue(work.add_departments, label="Add", count=3, seconds=2)
        worker(JOB_LEASE_SECONDS="1")
        worker(JOB_LEASE_SECONDS="1")
        until(lambda: state_of(run) == "done")
        assert Department.objects.count() == 3

    def test_cancelled_while_it_runs_it_stops(self, worker: Any) -> None:
        run = door.enqueue(work.add_departments, label="Add", count=10_000, seconds=0.05)
        worker()
        until(lambda: Department.objects.count() >= 2)
        door.cancel(run)
        follower = door.enqueue(work.add_departments, label="Add", count=0)
        until(lambda: state_of(follower) == "done")  # the same worker is free again
        assert state_of(run) == "cancelled"
        assert Department.objects.count() < 10_000
