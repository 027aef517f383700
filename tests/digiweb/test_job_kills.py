"""Real workers, killed by kill -9 wherever it hurts: each effect happens once.

Which line is proved where: before the claim, after the last commit, again and again at any moment: here.
In the middle of a transaction, between two, while another worker is there, cancelled: test_jobs.py. Two
schedulers, and one killed while it fires: test_schedulers.py.
"""

import random
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from digiweb import jobs as door
from people.models import Department
from tests.base import make_cast
from tests.digiweb import jobs as work
from tests.digiweb.test_jobs import state_of, until
from timeline.models import JobLine, JobRun

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]


def test_killed_before_the_claim_the_run_is_found_and_done(
    worker: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as replaced:
        replaced.setattr(door, "run_job", work.run_job_dying_before_claim)
        run = door.enqueue(work.add_departments, label="Add", count=5)
    worker(DIED=str(tmp_path / "died"))
    until(lambda: (tmp_path / "died").exists())
    assert state_of(run) == "queued"
    JobRun.objects.update(created_at=timezone.now() - timedelta(minutes=1))  # no need to wait LOST_SECONDS
    until(lambda: state_of(run) == "done")
    assert Department.objects.count() == 5


def test_killed_after_the_last_commit_the_run_ends_and_does_nothing_twice(worker: Any, tmp_path: Any) -> None:
    run = door.enqueue(work.add_then_die, label="Add", count=5)
    worker(JOB_LEASE_SECONDS="3600", DIED=str(tmp_path / "died"))
    until(lambda: state_of(run) == "done")
    assert (tmp_path / "died").exists()
    assert Department.objects.count() == 5
    run.refresh_from_db()
    assert (run.done, run.key) == (5, None)
    assert "2" in JobLine.objects.get(run=run).text  # the log says that it began again


def test_killed_again_and_again_at_any_moment_each_effect_happens_once(worker: Any) -> None:
    run = door.enqueue(work.add_departments, label="Add", count=60, seconds=0.02)
    moments = random.Random(20261121)
    for _kill in range(3):
        before = Department.objects.count()
        one = worker(JOB_LEASE_SECONDS="1")
        until(lambda before=before: Department.objects.count() > before)
        time.sleep(moments.uniform(0, 0.1))
        one.kill()
    assert Department.objects.count() < 60
    worker(JOB_LEASE_SECONDS="1")
    until(lambda: state_of(run) == "done")
    assert Department.objects.count() == 60
    assert Department.objects.values("name").distinct().count() == 60
    run.refresh_from_db()
    assert (run.done, run.total) == (60, 60)


def test_a_run_that_is_done_again_goes_on_where_its_worker_died(worker: Any) -> None:
    """Stopped and asked for again while a worker is in it: that one writes nothing more, the next goes on."""
    run = door.enqueue(work.add_departments, label="Add", count=40, seconds=0.05, key="add")
    worker(JOB_LEASE_SECONDS="2")
    until(lambda: Department.objects.count() >= 5)
    door.cancel(run)
    run.refresh_from_db()
    door.retry(run, user=make_cast()["admin"])
    until(lambda: state_of(run) == "done")
    assert Department.objects.filter(name__startswith="Department ").count() == 40
