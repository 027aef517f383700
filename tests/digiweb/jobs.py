"""Jobs that the tests of `digiweb.jobs` run, also in real worker processes."""

import os
import signal
import time

from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction

from digiweb.jobs import JobError, Progress
from digiweb.request_context import current_origin
from people.models import Department

called: list[dict[str, object]] = []


def note(**ids: object) -> None:
    """Remembers that it ran, and from where."""
    called.append({**ids, "origin": current_origin()})


def add_departments(*, count: int, die_at: int = 0, seconds: float = 0, progress: Progress) -> None:
    """One row a step, from where an earlier run stopped; `die_at`: the process kills itself once there."""
    for number in range(Department.objects.count(), count):
        with transaction.atomic():
            Department.objects.create(name=f"Department {number}")
            progress.set(number + 1, count)
            if number + 1 == die_at and not os.path.exists(os.environ["DIED"]):
                with open(os.environ["DIED"], "w"):
                    pass
                os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(seconds)


def die_once() -> bool:
    """Kills this process the first time; the second time it answers."""
    if os.path.exists(os.environ["DIED"]):
        return False
    with open(os.environ["DIED"], "w"):
        pass
    os.kill(os.getpid(), signal.SIGKILL)
    return True


def run_job_dying_before_claim(run_id: int, request_id: str = "") -> None:
    """Stands for `digiweb.jobs.run_job` in RQ's queue: the worker took the message and dies with it."""
    die_once()


def add_then_die(*, count: int, progress: Progress) -> None:
    """Everything is committed, then the process dies before the end of the run is written."""
    for number in range(Department.objects.count(), count):
        with transaction.atomic():
            Department.objects.create(name=f"Department {number}")
            progress.set(number + 1, count)
    die_once()


def speak(*, lines: int, progress: Progress) -> None:
    """Leaves so many lines in its log."""
    for number in range(lines):
        progress.log(f"Line {number}")


def speak_and_fail(*, progress: Progress) -> None:
    """A line inside a transaction that fails goes with it; one outside stays."""
    progress.log("Outside")
    with transaction.atomic():
        progress.log("Inside")
        raise JobError("No more.")


def die_always() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def meet(*, error: str) -> None:
    """Fails in the way that is asked for."""
    raise {
        "database": OperationalError("gone away"),
        "bug": ZeroDivisionError("secret detail"),
        "input": ValidationError("The file is empty."),
        "told": JobError("The account is closed."),
    }[error]
