"""What a salesperson's home page shows of deals and activities; every figure opens its rows (SPEC T5, N9)."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import Activity, Deal
from crm.models.deal_total import EVERY_SOURCE, DealMonth
from crm.services.deal_totals import Sums, sums_within_sight
from crm.tables.activity import KIND_ICONS, moment_text
from digiweb.paging import capped_count
from digiweb.querysets import people_in, reach_of
from people.services.target import targets_between

SHOWN = 6


def deals_widget(user: Any) -> dict[str, Any]:
    """Deals within sight: in progress, without a next step, won this month against last and the target."""
    url = reverse("crm:deal_list")
    today = timezone.localdate()
    month, before = today.replace(day=1), (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    sums = sums_within_sight(user)
    running = [sums.get(stage, Sums()) for stage in Deal.OPEN]
    idle, capped = capped_count(
        [
            portion.filter(stage__in=Deal.OPEN, next_activity_at=None)
            for portion in Deal.objects.scope_portions(user)
        ]
    )
    won, won_before = _won(user, month, before)
    return {
        "title": _("Deals"),
        "running": {
            "count": sum(one.number for one in running),
            "amount": sum((one.amount for one in running), Decimal(0)),
            "weighted": sum((one.weighted for one in running), Decimal(0)),
            "url": f"{url}?state=open",
        },
        "idle": {"count": idle, "capped": capped, "url": f"{url}?state=open&idle=yes"},
        "won": {**won, "url": _won_url(url, month), "month": date_format(month, "F Y")},
        "before": {**won_before, "url": _won_url(url, before), "month": date_format(before, "F")},
        "target": _target(user, won["amount"]),
        "board_url": f"{url}?mode=kanban",
        "create_url": reverse("crm:deal_new") if user.can(Deal.module, "create") else "",
    }


def _won(user: Any, *months: date) -> list[dict[str, Any]]:
    """How many deals within sight were won in each month, and for how much."""
    lines: QuerySet = DealMonth.objects.filter(source=EVERY_SOURCE, month__in=months, kind=DealMonth.Kind.WON)
    reach = reach_of(user, Deal.module, "view")
    if reach != "all":
        lines = lines.filter(owner_id__in=people_in(user, reach) if reach else [])
    found = {
        month: {"count": count, "amount": amount}
        for month, count, amount in lines.values_list("month").annotate(Sum("count"), Sum("amount"))
    }
    return [found.get(month, {"count": 0, "amount": Decimal(0)}) for month in months]


def _won_url(url: str, month: date) -> str:
    last = month.replace(day=monthrange(month.year, month.month)[1])
    return f"{url}?{urlencode({'stage': 'won', 'closed_after': month, 'closed_before': last})}"


def _target(user: Any, amount: Decimal) -> dict[str, Any] | None:
    """How far the month's targets of those whose deals one sees are reached; None where there are none."""
    month = timezone.localdate().replace(day=1)
    reach = reach_of(user, Deal.module, "view")
    people = None if reach == "all" else people_in(user, reach) if reach else []
    wanted = targets_between(people, month, month).revenue
    if not wanted:
        return None
    percent = int(amount * 100 / wanted)
    return {"amount": wanted, "percent": percent, "shown": min(percent, 100)}


def activities_widget(user: Any) -> dict[str, Any]:
    """One's own next activities, what is overdue first."""
    url = reverse("crm:activity_list")
    mine = Activity.objects.visible_to(user).filter(owner=user, status=Activity.Status.PLANNED)
    rows = list(mine.select_related("contact", "company").order_by("starts_at", "id")[:SHOWN])
    late, capped = sum(activity.is_late for activity in rows), False
    if late == SHOWN:
        late, capped = capped_count(mine.filter(starts_at__lt=timezone.now()))
    return {
        "title": _("My next activities"),
        "late": {"count": late, "capped": capped, "url": f"{url}?owner=me&late=yes"},
        "rows": [
            {
                "activity": activity,
                "icon": KIND_ICONS[activity.kind],
                "moment": moment_text(activity.starts_at),
                "late": activity.is_late,
            }
            for activity in rows
        ],
        "day_url": reverse("crm:activity_day"),
        "create_url": reverse("crm:activity_new") if user.can(Activity.module, "create") else "",
        "can_change": user.can(Activity.module, "change"),
    }
