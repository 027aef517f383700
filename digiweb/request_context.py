"""Where the present change comes from: read by the audit log, set by middleware, API and jobs."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Origin:
    """From where something happens: a page, the API, the admin site, a job, the command line."""

    channel: str = "system"
    ip: str = ""
    request_id: str = ""


NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def current_origin() -> Origin:
    """The origin of what is running now."""
    return _origin.get()


@contextmanager
def coming_from(**changes: str) -> Iterator[Origin]:
    """Everything recorded within bears this origin, on top of the one outside."""
    token = _origin.set(replace(_origin.get(), **changes))
    try:
        yield _origin.get()
    finally:
        _origin.reset(token)
