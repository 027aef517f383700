"""When a repeated activity comes next, by the clock on the wall."""

from calendar import monthrange
from datetime import datetime, timedelta

from django.utils import timezone

STEPS = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
MONTHS = {"monthly": 1, "yearly": 12}


def occurrence(first: datetime, recurrence: str, number: int) -> datetime:
    """The start of the `number`-th repetition (0: the first) of a series.

    Counted from the first one, on the local clock: nine o'clock stays nine o'clock when clocks change,
    and the 31st is the last day of shorter months without being lost for the longer ones.
    """
    local = timezone.localtime(first)
    naive = local.replace(tzinfo=None)
    if recurrence in STEPS:
        moved = naive + STEPS[recurrence] * number
    else:
        months = naive.month - 1 + MONTHS[recurrence] * number
        year, month = naive.year + months // 12, months % 12 + 1
        moved = naive.replace(year=year, month=month, day=min(naive.day, monthrange(year, month)[1]))
    return moved.replace(tzinfo=local.tzinfo)


def next_start(first: datetime, recurrence: str, after: datetime) -> datetime:
    """The first repetition later than `after`."""
    if recurrence in STEPS:
        number = max(0, (after - first) // STEPS[recurrence] - 1)
    else:
        gone = timezone.localtime(after)
        began = timezone.localtime(first)
        months = (gone.year - began.year) * 12 + gone.month - began.month
        number = max(0, months // MONTHS[recurrence] - 1)
    while (start := occurrence(first, recurrence, number)) <= after:
        number += 1
    return start
