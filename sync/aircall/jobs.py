"""Background work with Aircall."""

from django.utils.translation import ngettext_lazy

from digiweb.job_log import log_count
from digiweb.jobs import Progress
from sync.aircall import catch_up

CALLS = ngettext_lazy("%(count)s call read.", "%(count)s calls read.", "count")


def catch_up_calls(*, progress: Progress | None = None) -> None:
    """Read the calls of the last days, by night."""
    log_count(progress, catch_up.catch_up(progress=progress), CALLS)


def fetch_calls(*, days: int, progress: Progress) -> None:
    """Read the calls of so many days, because somebody asked."""
    log_count(progress, catch_up.catch_up(days=days, progress=progress), CALLS)
