"""The kinds of background jobs: each app tells the words of its own, one line each in its `apps.py`.

Entries of the schedule have their words there (digiweb/schedule.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class JobKind:
    """`func` is the dotted path of a function of some jobs.py.

    `quiet`: routine such as a message on its way; lists show such runs when asked, or when they failed,
    and forget them sooner. `again(run, user)`: what must be put right, in the same transaction, before a
    run that failed or was stopped is done again; it raises ValidationError where that makes no sense.
    """

    func: str
    label: Any
    quiet: bool = False
    again: Callable[[Any, Any], None] | None = None


_kinds: dict[str, JobKind] = {}


def register_job(
    func: str, label: Any, *, quiet: bool = False, again: Callable[[Any, Any], None] | None = None
) -> None:
    """Add a kind: `register_job("crm.jobs.find_duplicates", _("Search for duplicates"))`."""
    _kinds[func] = JobKind(func, label, quiet, again)


def job_kind(func: str) -> JobKind:
    """The kind of a dotted path; one with the path for its words when nobody told of it."""
    return _kinds.get(func) or JobKind(func, func)


def job_kinds() -> list[JobKind]:
    """All kinds that were told of, by path."""
    return sorted(_kinds.values(), key=lambda kind: kind.func)
