"""The log of a run: lines with their times, kept with it, bounded in number and length.

A line says how many of what (« 1 000 rows: 980 created »), never about whom: the log is read by those who
keep the house running, who need not see the records.
"""

from typing import Any

from django.apps import apps

# Of a run that says more, the latest are kept.
MOST_LINES = 500
LENGTH = 300
INFO, WARNING, ERROR = "info", "warning", "error"


def lines() -> Any:
    """The table of lines; `timeline` lies above some who use this door, so it is not imported."""
    return apps.get_model("timeline", "JobLine").objects


def write_line(run_id: int, text: Any, level: str = INFO) -> None:
    """Add a line to the log of a run, in the transaction that is open, if any."""
    words = " ".join(str(text).split())
    lines().create(
        run_id=run_id, level=level, text=words if len(words) <= LENGTH else f"{words[: LENGTH - 1]}…"
    )


def forget_early_lines(run_id: int) -> None:
    """Keep the latest MOST_LINES lines of a run."""
    rows = lines().filter(run_id=run_id)
    oldest = rows.order_by("-pk").values_list("pk", flat=True)[MOST_LINES : MOST_LINES + 1]
    for pk in list(oldest):
        rows.filter(pk__lte=pk).delete()


def log_count(progress: Any, count: int, words: Any) -> None:
    """Leave a count in the log of a job, where it has one: `words` is an `ngettext_lazy` by "count"."""
    if progress is not None:
        progress.log(words % {"count": count})
