"""When something happens next on a deal, and when something happened last: kept on the deal for its lists."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max, Min, Q

from crm.models import Activity, Deal
from digiweb.changes import BATCH

Status = Activity.Status
KEPT = ("next_activity_at", "last_activity_at")


@transaction.atomic
def refresh_next_activity(deals: Iterable[int | None]) -> None:
    """Work out when something was done and is planned on these deals again, with what changed it.

    No version is counted up and no event written: nothing of the deal itself has changed.
    """
    ids = sorted({pk for pk in deals if pk})
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        # Locked, so that of two people who plan on one deal the second looks again.
        locked = Deal.objects.select_for_update().filter(pk__in=part).order_by("pk")
        held = list(locked.only("id", "created_at", "stage_since", *KEPT))
        activities = Activity.objects.filter(deal_id__in=part).order_by().values_list("deal_id")
        found = {
            pk: (first, last)
            for pk, first, last in activities.annotate(
                first=Min("starts_at", filter=Q(status=Status.PLANNED)),
                last=Max("done_at", filter=Q(status=Status.DONE)),
            )
        }
        moved = []
        for deal in held:
            first, last = found.get(deal.pk, (None, None))
            # A deal is touched by what is done on it, by a move, and by its beginning.
            last = max(moment for moment in (deal.created_at, deal.stage_since, last) if moment)
            if (deal.next_activity_at, deal.last_activity_at) != (first, last):
                deal.next_activity_at, deal.last_activity_at = first, last
                moved.append(deal)
        Deal.objects.bulk_update(moved, KEPT, batch_size=BATCH)
