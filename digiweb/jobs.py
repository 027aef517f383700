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

`progress.log("…")` leaves a line for whoever asks later; `retry` has a run that failed or was stopped
done again, under its own number and under the same rule: of one key, one at a time.

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

from digiweb.audit import record
from digiweb.job_kinds import job_kind
from digiweb.job_log import ERROR, WARNING, write_line
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
    run, made = _ask(func, user=user, label=label, key=key, url=url, kwargs=ids)
    if made:
        transaction.on_commit(partial(push, run.pk, request_id=current_origin().request_id))
    return run


def do_now(func: Callable[..., Any], *, label: Any, key: str) -> Any:
    """Do a job without parameters in this process, as a run like any other; returns it as it ended.

    None while a twin is under way: there is nothing to do then.
    """
    run, made = _ask(func, user=None, label=label, key=key, url="", kwargs={})
    if not made:
        return None
    run_job(run.pk)
    run.refresh_from_db()
    return run


def _ask(
    func: Callable[..., Any], *, user: Any, label: Any, key: str, url: str, kwargs: dict[str, Any]
) -> tuple[Any, bool]:
    """The row of a run, and whether it is a new one: a live twin is returned instead."""
    path = path_of(func)
    json.dumps(kwargs)
    values = {"user": user, "label": str(label)[:200], "func": path, "kwargs": kwargs, "url": url}
    for _attempt in range(5):
        if key and (live := runs().filter(key=key).first()):
            return live, False
        try:
            with transaction.atomic():
                run = runs().create(key=key or None, twin_key=key, quiet=job_kind(path).quiet, **values)
        except IntegrityError:
            if not key:
                raise
            continue  # a twin arrived between our look and our write; or has just ended
        return run, True
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


@transaction.atomic
def cancel(run: Any, *, user: Any = None) -> bool:
    """End a live run; False when it had ended already. `user`: who wants it, for the log.

    A running job notices at its next progress. Its key is free at once.
    """
    live = runs().filter(pk=run.pk, state__in=("queued", "running"))
    if not _end(live, state="cancelled"):
        return False
    if user is not None:
        write_line(run.pk, _("Stopped by %(person)s.") % {"person": user}, WARNING)
        record(user=user, action="job_stopped", obj=run)
    _tell_ended(run.pk, user)
    return True


@transaction.atomic
def retry(run: Any, *, user: Any) -> None:
    """Have a run that failed or was stopped done again; it keeps its number, its person and its key.

    It is what a worker does that takes a run over from a dead one, so it asks no more of the job. Raises
    ValidationError when the run has not ended so, when a twin is under way, or when its kind says no.
    """
    func = run.func
    try:
        function_at(func)
    except TypeError as error:
        raise ValidationError(_("This version no longer knows jobs of this kind."), code="func") from error
    if run.may_run_again and (again := job_kind(func).again):
        again(run, user)  # before the row of the run is locked: jobs lock their own rows first, too
    ended = runs().filter(pk=run.pk, state__in=("failed", "cancelled"))
    try:
        with transaction.atomic():
            found = ended.update(
                state="queued",
                key=run.twin_key or None,
                lease="",
                heartbeat_at=None,
                attempts=0,
                started_at=None,
                ended_at=None,
                error="",
            )
    except IntegrityError as error:
        raise ValidationError(_("The same job is under way already."), code="twin") from error
    if not found:
        raise ValidationError(_("Only a job that failed or was stopped is done again."), code="state")
    write_line(run.pk, _("Asked for again by %(person)s.") % {"person": user})
    record(user=user, action="job_retried", obj=run)
    transaction.on_commit(partial(push, run.pk, request_id=current_origin().request_id))


def may_steer(user: Any, run: Any) -> bool:
    """Whether a person may stop a run or have it done again: their own, or by their role."""
    return bool(run.user_id == user.pk or user.can("timeline.job", "change"))


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
            _settle(run_id, held(run_id, lease), state="done")


def _call(run: Any, lease: str) -> None:
    func = function_at(run.func)
    if run.attempts > 1:
        write_line(run.pk, _("Begins again, attempt %(number)s.") % {"number": run.attempts}, WARNING)
    kwargs = dict(run.kwargs)
    if "progress" in inspect.signature(func).parameters:
        kwargs["progress"] = Progress(run, lease)
    func(**kwargs)


def _end(rows: QuerySet, **changes: Any) -> int:
    """The runs have ended: their keys are free for the next ones."""
    if changes["state"] == "failed":
        changes["quiet"] = False  # what failed is never hidden
    return rows.update(key=None, ended_at=timezone.now(), **changes)


def _settle(run_id: int, rows: QuerySet, **changes: Any) -> None:
    """Write down how a run ended, and tell who listens: both or neither, unless telling goes wrong."""
    try:
        with transaction.atomic():
            if _end(rows, **changes):
                if changes.get("error"):
                    write_line(run_id, changes["error"], ERROR)  # stays when it is done again
                _tell_ended(run_id)
    except Exception:  # the end of the work is worth more than the news of it
        logger.exception("Nobody could be told that job run %s has ended", run_id)
        _end(rows, **changes)


# Called with the run and who stopped it, if anybody, in the transaction of its end.
_listeners: list[Callable[[Any, Any], None]] = []


def when_ended(listener: Callable[[Any, Any], None]) -> None:
    """Called once by `timeline`, which tells people."""
    _listeners.append(listener)


def _tell_ended(run_id: int, by: Any = None) -> None:
    run = runs().select_related("user").get(pk=run_id)
    for listener in _listeners:
        listener(run, by)


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
            text = told(error, run.pk)
            if mine.update(state="queued", lease="", heartbeat_at=due, error=text):
                write_line(
                    run.pk,
                    _("%(error)s Next try in %(seconds)s s.") % {"error": text, "seconds": delay},
                    WARNING,
                )
        else:
            _settle(run.pk, mine, state="failed", error=told(error, run.pk))
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
    hopeless = runs().filter(dead(now), attempts__gte=MAX_ATTEMPTS)
    for pk in list(hopeless.values_list("pk", flat=True)):
        text = _("The job was interrupted too many times without getting any further.")
        _settle(pk, hopeless.filter(pk=pk), state="failed", error=text)
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
    "JobCancelled", "JobError", "LeaseLost", "Progress", "TryAgain", "cancel", "do_now", "enqueue",
    "may_steer", "process_died", "recover_runs", "retry", "run_job", "runs_for", "when_ended",
]  # fmt: skip
