"""Performances: leaderboard, goals, badges (SPEC S11)."""

from typing import Any

from django.utils.translation import gettext as _

from sales.performance_figures import AMOUNT, MODULE, ORDERS, figures_of
from sales.selection import Selection, options
from sales.views.pipeline import SteeringView


class PerformancesView(SteeringView):
    """Who leads in a period, within one's team."""

    module = MODULE
    action = "view"
    template = "sales/performance"
    path_name = "sales:performances"
    usual = "month"
    by_source = False

    @property
    def title(self) -> Any:  # type: ignore[override]
        return _("Performances")

    def selection(self) -> Selection:
        selection = super().selection()
        selection.by_people = False
        return selection

    def figures(self, selection: Selection) -> dict[str, Any]:
        asked = self.request.GET.get("by", "")
        order = asked if asked in dict(ORDERS) else AMOUNT
        user: Any = self.request.user
        return {
            **figures_of(selection, order),
            "ordered": options(ORDERS, order),
            "order_label": dict(ORDERS)[order],
            "targets_url": f"{user.get_absolute_url()}?tab=targets"
            if user.can("people.user", "view")
            else "",
        }
