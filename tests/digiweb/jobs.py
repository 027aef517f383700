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
