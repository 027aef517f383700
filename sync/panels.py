"""What stands beside a company: its solvency."""

from typing import Any

from django.urls import reverse

from sync.models import Solvency
from sync.services.solvency import last_score, open_order

EARLIER = 8


def solvency_panel(user: Any, company: Any) -> dict[str, Any] | None:
    """The last score, from whom and of when; earlier ones; what is being prepared."""
    last = last_score(company)
    rows = Solvency.objects.visible_to(user).filter(company=company, state=Solvency.State.SCORED)
    # What was asked for here, and what came with the last score of the time before.
    before = [[str(row.released_on), row.value] for row in rows.order_by("-pk")[1 : EARLIER + 1]]
    given = last.history if last else []
    earlier = sorted({(str(day), value) for day, value in [*before, *given]}, reverse=True)
    if last:
        earlier = [each for each in earlier if each[0] < str(last.released_on)]
    return {
        "last": last,
        "pending": open_order(company),
        "earlier": earlier[:EARLIER],
        "ask_url": reverse("sync:solvency_ask", args=[company.pk])
        if company.siren and user.can(Solvency.module, "create")
        else "",
        "collect_url": reverse("sync:solvency_collect", args=[company.pk]),
    }
