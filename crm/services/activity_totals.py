"""Keeping how many activities each person did in each month (crm/models/deal_total.py)."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from crm.models import Activity, ActivityMonth
from digiweb.inserts import add_to_lines

BATCH = 5_000
KEY = ("owner_id", "month", "kind")
Line = tuple[int, date, str]


def lines_of(activities: Iterable[Activity]) -> Counter[Line]:
    """{(person, first day of the month, kind): how many were done}; what was not done counts nowhere."""
    return Counter(
        (one.owner_id, timezone.localtime(one.done_at).date().replace(day=1), str(one.kind))
        for one in activities
        if one.done_at is not None
    )


def adjust_activities(before: Counter[Line], after: Counter[Line]) -> None:
    """Move the sums from what the activities were to what they are, in the caller's transaction.

    Lines are touched in one order, so that two transactions never wait for each other in a ring.
    """
    lines = Counter(after)
    lines.subtract(before)
    rows = sorted((*key, count) for key, count in lines.items() if count)
    if rows:
        add_to_lines(ActivityMonth, KEY, ("count",), rows)


@transaction.atomic
def recount_activities() -> int:
    """Work out all sums anew from the activities; returns how many lines had been wrong.

    Whoever does activities meanwhile waits for the lines that they have in common with us.
    """
    held: Counter[Line] = Counter()
    for line in ActivityMonth.objects.select_for_update().order_by(*KEY):
        held[line.owner_id, line.month, line.kind] = line.count
    done = Activity.objects.filter(done_at__isnull=False).order_by("pk").only("owner_id", "kind", "done_at")
    found = lines_of(done.iterator(chunk_size=BATCH))
    wrong = sum(1 for key in {*held, *found} if held[key] != found[key])
    adjust_activities(held, found)
    return wrong
