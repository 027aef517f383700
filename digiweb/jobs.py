"""The only door to the background (DESIGN §5).

A job is a function of some `jobs.py` that takes ids and calls a service. `enqueue` writes a JobRun
and, once the transaction is committed, puts it in RQ's queue; `run_job` is all that RQ ever executes.
The row decides, not RQ: a worker claims it and holds it by its lease. A run whose worker was killed
is taken over, one that Redis lost is queued again, one that RQ delivers twice runs once.

    run = enqueue(import_contacts, user=me, label=_("Import"), key=f"import-{pk}", import_id=pk)

    def import_contacts(*, import_id: int, progress: Progress) -> None:    # in crm/jobs.py
        for chunk in …:
            with transaction.atomic():
                …the work of the chunk…
                progress.set(done, total)    # last, in the same transaction: both or neither

A job must be idempotent: it can be killed at any line and is then run again from its start, so it
reads from the database how far it got. Clocks of machines that run workers must agree within seconds.
"""

import inspect
import json
import logging
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import Any

import django_rq
import redis.exceptions
import requests
import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rq.timeouts import BaseTimeoutException

from digiweb.leases import (
    LEASE_SECONDS,
    Heartbeat,
    JobCancelled,
    LeaseLost,
    Progress,
    claim,
    dead,
    held,
    lease_of_process,
    new_lease,
    runs,
)
from digiweb.request_context import coming_from, current_origin

logger = logging.getLogger(__name__)

# A queued run that is not in RQ's queue after so long was lost on its way (seconds).
LOST_SECONDS = 10
# Waits before a job that met a passing trouble is tried again (seconds); after the last one it fails.
RETRY_SECONDS = (10, 60, 300)
# A job that was interrupted so many times without getting any further kills its workers: it fails.
MAX_ATTEMPTS = 10
# Even a job that gives signs of life ends at some time (seconds).
JOB_TIMEOUT = 24 * 3600
TRANSIENT = (
    OperationalError,
    InterfaceError,
    redis.exceptions.ConnectionError,
    redis.exceptions.TimeoutError,
    requests.ConnectionError,
    requests.Timeout,
)


class JobError(Exception):
    """The job cannot be done; its text is for the person."""


class TryAgain(Exception):
    """A passing trouble (a provider that is busy): the job is tried again after `seconds` at the least."""

    def __init__(self, text: str, seconds: int = 0) -> None:
        super().__init__(text)
        self.seconds = seconds


# --- Asking for a job


def enqueue(
    func: Callable[..., Any], *, user: Any = None, label: Any, key: str = "", url: str = "", **ids: Any
) -> Any:
    """Have `func(**ids)` done in the background once the transaction is committed; returns the JobRun.

    `func` is a function of a module named `jobs`; `ids` are JSON values. `key` prevents twins: while
    a run with the same key is queued or running, that run is returned. `url` is where the person goes
    when it is done. Raises TypeError when `func` or `ids` cannot travel.
    """
    path = path_of(func)
    json.dumps(ids)
    for _attempt in range(5):
        if key and (live := runs().filter(key=key).first()):
            return live
        try:
            with transaction.atomic():
                run = runs().create(
                    user=user, label=str(label)[:200], func=path, kwargs=ids, key=key or None, url=url
                )
        except IntegrityError:
            if not key:
                raise
            continue  # a twin arrived between our look and our write; or has just ended
        transaction.on_commit(partial(push, run.pk, request_id=current_origin().request_id))
        return run
    raise OperationalError(f"The job key {key} stays taken")


def path_of(func: Callable[..., Any]) -> str:
    """The dotted path under which a worker finds `func`; TypeError when it would not."""
    path = f"{func.__module__}.{func.__qualname__}"
    if function_at(path) is not func:
        raise TypeError(f"{path} is not a plain function of a jobs.py")
    return path


def function_at(path: str) -> Callable[..., Any]:
    """The job of a dotted path; TypeError when it is not a function of a module named `jobs`."""
    module_name, _dot, name = path.rpartition(".")
    if module_name.rpartition(".")[2] != "jobs" or "<" in path:
        raise TypeError(f"{path} is not a function of a jobs.py")
    try:
        func = getattr(import_module(module_name), name)
    except (ImportError, AttributeError) as error:
        raise TypeError(f"There is no {path}") from error
    if not inspect.isfunction(func) or func.__module__ != module_name:
        raise TypeError(f"{path} is not a function of a jobs.py")
    return func


def push(run_id: int, *, request_id: str = "") -> None:
    """Tell a worker about a run now. Without Redis, `recover_runs` will later."""
    # Never the same RQ id twice: RQ would mix up a job that ends with one that is queued.
    options = {"job_id": f"run-{run_id}-{uuid.uuid4().hex[:8]}", "job_timeout": JOB_TIMEOUT, "result_ttl": 0}
    try:
        django_rq.get_queue(commit_mode="auto").enqueue(run_job, run_id, request_id, **options)
    except redis.exceptions.RedisError:
        logger.warning("Redis does not answer: job run %s waits for recovery", run_id, exc_info=True)


def cancel(run: Any) -> bool:
    """End a live run; False when it had ended already.

    A running job notices at its next progress. Its key is free at once.
    """
    return bool(
        runs()
        .filter(pk=run.pk, state__in=("queued", "running"))
        .update(state="cancelled", key=None, ended_at=timezone.now())
    )


def runs_for(user: Any) -> QuerySet:
    """The runs that a person may follow: their own, and those their role lets them see."""
    if not user.is_authenticated:
        return runs().none()  # type: ignore[no-any-return]
    return runs().visible_to(user) | runs().filter(user=user)  # type: ignore[no-any-return]


# --- Doing it


def run_job(run_id: int, request_id: str = "") -> None:
    """What RQ executes: claim the run, do it, write down how it ended. Does nothing when another has it."""
    lease = new_lease()
    if not claim(run_id, lease):
        logger.info("Job run %s is not to be done now", run_id)
        return
    run = runs().select_related("user").get(pk=run_id)
    language = getattr(run.user, "language", "") or settings.LANGUAGE_CODE
    origin = request_id or f"job-{run_id}"
    bound = structlog.contextvars.bound_contextvars(request_id=origin, job_run=run_id, job=run.func)
    with coming_from(channel="job", request_id=origin, ip=""), translation.override(language), bound:
        try:
            with Heartbeat(run_id, lease):
                _call(run, lease)
        except (LeaseLost, JobCancelled) as stop:
            logger.warning("Job run %s stops: %s", run_id, type(stop).__name__)
        except Exception as error:
            _after_error(run, lease, error)
        else:
            _end(held(run_id, lease), state="done")


def _call(run: Any, lease: str) -> None:
    func = function_at(run.func)
    kwargs = dict(run.kwargs)
    if "progress" in inspect.signature(func).parameters:
        kwargs["progress"] = Progress(run, lease)
    func(**kwargs)


def _end(rows: QuerySet, **changes: Any) -> int:
    """The runs have ended: their keys are free for the next ones."""
    return rows.update(key=None, ended_at=timezone.now(), **changes)


def _after_error(run: Any, lease: str, error: Exception) -> None:
    logger.exception("Job run %s (%s) met an error", run.pk, run.func)
    try:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        mine = held(run.pk, lease)
        attempts = mine.values_list("attempts", flat=True).first()
        if attempts is None:
            return
        if isinstance(error, (*TRANSIENT, TryAgain)) and attempts <= len(RETRY_SECONDS):
            delay = max(RETRY_SECONDS[attempts - 1], getattr(error, "seconds", 0))
            due = timezone.now() + timedelta(seconds=delay)
            # `recover_runs`, which every worker calls all few seconds, queues it when it is due.
            mine.update(state="queued", lease="", heartbeat_at=due, error=told(error, run.pk))
        else:
            _end(mine, state="failed", error=told(error, run.pk))
    except DatabaseError:
        # The database itself is away: the lease runs out and `recover_runs` takes it from there.
        logger.exception("The end of job run %s cannot be written", run.pk)


def told(error: Exception, run_id: int) -> str:
    """What the person reads about an error: never a traceback."""
    if isinstance(error, ValidationError):
        return " ".join(error.messages)[:2000]
    if isinstance(error, (JobError, TryAgain)):
        return str(error)[:2000]
    if isinstance(error, BaseTimeoutException):
        return _("The job took longer than %(hours)s hours.") % {"hours": JOB_TIMEOUT // 3600}
    if isinstance(error, TRANSIENT):
        return _("A service that this job needs does not answer.")
    text = _("An unexpected error stopped this job; the log has it under job run %(number)s.")
    return text % {"number": run_id}


# --- Coming back


def recover_runs() -> int:
    """Queue what is due for another try, was lost on its way or whose worker died; returns how many.

    Harmless to repeat. Every worker calls it every few seconds, the scheduler every minute.
    """
    now = timezone.now()
    _end(
        runs().filter(dead(now), attempts__gte=MAX_ATTEMPTS),
        state="failed",
        error=_("The job was interrupted too many times without getting any further."),
    )
    lost = Q(state="queued", heartbeat_at=None, created_at__lt=now - timedelta(seconds=LOST_SECONDS))
    again = Q(state="queued", heartbeat_at__lte=now)
    found = list(runs().filter(dead(now) | lost | again).order_by("pk").values_list("pk", flat=True)[:10_000])
    if not found:
        return 0
    waiting = _waiting_in_queue()
    pushed = [pk for pk in found if pk not in waiting]
    for pk in pushed:
        push(pk)
    return len(pushed)


def _waiting_in_queue() -> set[int]:
    """The runs that a worker will come to by itself; empty when Redis does not answer."""
    try:
        ids = django_rq.get_queue().get_job_ids()
    except redis.exceptions.RedisError:
        return set()
    return {int(parts[1]) for parts in (job_id.split("-") for job_id in ids) if parts[0] == "run"}


def process_died(pid: int) -> None:
    """A process of this machine is known to be dead: what it held is taken over at once."""
    held_by_it = runs().filter(state="running", lease__startswith=lease_of_process(pid))
    if held_by_it.update(heartbeat_at=timezone.now() - timedelta(seconds=LEASE_SECONDS + 1)):
        recover_runs()


__all__ = [
    "JobCancelled", "JobError", "LeaseLost", "Progress", "TryAgain", "cancel", "enqueue", "process_died",
    "recover_runs", "run_job", "runs_for",
]  # fmt: skip
