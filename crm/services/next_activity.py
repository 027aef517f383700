"""When something happens next on a deal: kept on the deal, which boards and lists read."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Min

from crm.models import Activity, Deal
from digiweb.changes import BATCH


@transaction.atomic
def refresh_next_activity(deals: Iterable[int | None]) -> None:
    """Work out `next_activity_at` of these deals again, in the transaction of the change.

    No version is counted up and no event written: nothing of the deal itself has changed.
    """
    ids = sorted({pk for pk in deals if pk})
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        # Locked, so that of two people who plan on one deal the second looks again.
        locked = Deal.objects.select_for_update().filter(pk__in=part).order_by("pk")
        held = list(locked.only("id", "next_activity_at"))
        planned = Activity.objects.filter(deal_id__in=part, status=Activity.Status.PLANNED)
        found = dict(planned.order_by().values_list("deal_id").annotate(first=Min("starts_at")))
        moved = [deal for deal in held if deal.next_activity_at != found.get(deal.pk)]
        for deal in moved:
            deal.next_activity_at = found.get(deal.pk)
        Deal.objects.bulk_update(moved, ["next_activity_at"], batch_size=BATCH)
