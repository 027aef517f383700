"""Background work with Aircall."""

from digiweb.jobs import Progress
from sync.aircall import catch_up


def catch_up_calls() -> None:
    """Read the calls of the last days, by night."""
    catch_up.catch_up()


def fetch_calls(*, days: int, progress: Progress) -> None:
    """Read the calls of so many days, because somebody asked."""
    catch_up.catch_up(days=days, progress=progress)
