"""The deals beside a contact or a company, and the stages beside a deal (digiweb/panels.py)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from crm.models import Deal
from crm.tables.deal import STAGE_COLOURS, days_text
from digiweb.templatetags.digiweb import euros

SHOWN = 5
STEPS = 20


def deals_of(name: str) -> Callable[[Any, Any], dict[str, Any] | None]:
    """The builder of the panel on pages of a contact or a company: deals in progress, soonest first."""

    def build(user: Any, record: Any) -> dict[str, Any] | None:
        mine = Deal.objects.visible_to(user).filter(**{f"{name}_id": record.pk})
        deals: list[Any] = list(mine.filter(stage__in=Deal.OPEN).order_by("expected_key", "pk")[: SHOWN + 1])
        for deal in deals:
            deal.colour, deal.worth = STAGE_COLOURS[deal.stage], euros(deal.amount)
        create = f"{reverse('crm:deal_new')}?{urlencode({name: record.pk})}"
        return {
            "deals": deals[:SHOWN],
            "more": len(deals) > SHOWN,
            "closed": 0 if deals else mine.filter(stage__in=Deal.CLOSED)[:1000].count(),
            "create_url": create if user.can(Deal.module, "create") else "",
        }

    return build


def steps_of(user: Any, deal: Any) -> dict[str, Any] | None:
    """What stages a deal went through, the latest first, and how long it stayed in each."""
    steps: list[Any] = list(deal.steps.order_by("-entered_at", "-pk")[:STEPS])
    for step in steps:
        step.colour = STAGE_COLOURS[step.stage]
        closed = step.stage in Deal.CLOSED and step.left_at is None
        step.stay = "" if closed else days_text(((step.left_at or timezone.now()) - step.entered_at).days)
    return {"steps": steps} if steps else None
