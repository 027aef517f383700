"""Who holds a run: claims, leases, progress and the sign of life (see `digiweb.jobs`).

A worker holds a run by its lease, a text given once: each of its writes is an UPDATE that names the
lease, so that a worker which was thought dead and comes back can write nothing more. (Such an UPDATE
answers how many rows it *found*: Django connects to MySQL with FOUND_ROWS.)
"""

import logging
import os
import socket
import threading
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from digiweb.job_log import INFO, forget_early_lines, write_line

logger = logging.getLogger(__name__)

# A run whose worker gave no sign of life for so long is dead, and is taken over (seconds).
LEASE_SECONDS: int = settings.JOB_LEASE_SECONDS
# How often a thread beside the job gives that sign (seconds).
HEARTBEAT_SECONDS = LEASE_SECONDS / 6
# What the end of a job waits for that thread at the most (seconds).
END_SECONDS = 0.2
# So many lines after each other, a log is looked at for being too long.
SWEEP_EVERY = 100


class LeaseLost(BaseException):
    """Another worker took the run over: stop, and write nothing more."""


class JobCancelled(BaseException):
    """The person cancelled the run: stop; the present transaction is rolled back."""


def runs() -> Any:
    """The table of runs; `timeline` lies above some who use this door, so it is not imported."""
    return apps.get_model("timeline", "JobRun").objects


def new_lease() -> str:
    """A lease never given before; it names the process, so that whoever sees it die can end the lease."""
    return f"{lease_of_process(os.getpid())}{uuid.uuid4().hex[:10]}"


def lease_of_process(pid: int) -> str:
    """How the leases of a process of this machine begin."""
    return f"{socket.gethostname()[:16]}:{pid}:"


def dead(now: datetime) -> Q:
    return Q(state="running", heartbeat_at__lt=now - timedelta(seconds=LEASE_SECONDS))


def due(now: datetime) -> Q:
    # Of a queued run, the heartbeat is the earliest time of its next try.
    return Q(state="queued") & (Q(heartbeat_at=None) | Q(heartbeat_at__lte=now))


def claim(run_id: int, lease: str) -> bool:
    """Take a run that waits, or whose worker is dead: one statement, so only one worker gets it."""
    now = timezone.now()
    changes = {
        "state": "running",
        "lease": lease,
        "heartbeat_at": now,
        "started_at": Coalesce(F("started_at"), now),
        "claimed_at": now,
        "claimed_done": F("done"),
        "attempts": F("attempts") + 1,
        "error": "",
    }
    return bool(runs().filter(due(now) | dead(now), pk=run_id).update(**changes))


class Progress:
    """How far a job is; each call renews the lease, and tells the job when it must stop.

    Call it inside the transaction of the work, at its end: work and progress then commit together.
    """

    def __init__(self, run: Any, lease: str) -> None:
        self.run_id: int = run.pk
        self.lease = lease
        self.done: int = run.done
        self.total: int = run.total
        self._before: int = run.done
        self._said = 0

    def set(self, done: int, total: int | None = None) -> None:
        """`done` of `total` things are done. Raises LeaseLost or JobCancelled."""
        self.done = done
        self.total = self.total if total is None else total
        values: dict[str, Any] = {"done": self.done, "total": self.total, "heartbeat_at": timezone.now()}
        if done > self._before:
            values["attempts"] = 1  # it gets further: earlier interruptions no longer count
        if not held(self.run_id, self.lease).update(**values):
            raise self._why()

    def step(self, by: int = 1) -> None:
        """`by` more things are done. Raises LeaseLost or JobCancelled."""
        self.set(self.done + by)

    def log(self, text: Any, level: str = INFO) -> None:
        """Leave a line in the log of the run, in the transaction that is open; also a sign of life.

        « 1 000 rows: 980 created »: how many of what, never about whom (digiweb/job_log.py). Raises
        LeaseLost or JobCancelled.
        """
        with transaction.atomic():
            if not held(self.run_id, self.lease).update(heartbeat_at=timezone.now()):
                raise self._why()
            write_line(self.run_id, text, level)
        if self._said % SWEEP_EVERY == 0:
            forget_early_lines(self.run_id)
        self._said += 1

    def _why(self) -> BaseException:
        state = runs().filter(pk=self.run_id).values_list("state", flat=True).first()
        return JobCancelled() if state == "cancelled" else LeaseLost()


class Heartbeat:
    """A thread that renews the lease while the job is busy, over a connection of its own.

    It waits when the job's transaction holds the row, which is a sign of life too: whoever would take
    the run over waits as well, and then reads the new heartbeat.
    """

    def __init__(self, run_id: int, lease: str) -> None:
        self.run_id = run_id
        self.lease = lease
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{run_id}", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        # At once, unless somebody else holds the row: a beat that comes after that finds no lease any more.
        self._thread.join(END_SECONDS)

    def _beat(self) -> None:
        try:
            while not self._ended.wait(HEARTBEAT_SECONDS):
                try:
                    if not held(self.run_id, self.lease).update(heartbeat_at=timezone.now()):
                        return
                except DatabaseError:
                    logger.warning("No heartbeat for job run %s", self.run_id, exc_info=True)
                    connection.close()
        finally:
            connection.close()


def held(run_id: int, lease: str) -> QuerySet:
    """The run as long as it is running under this lease: every write of a worker starts here."""
    rows: QuerySet = runs().filter(pk=run_id, lease=lease, state="running")
    return rows
