"""« Contrats par commercial » and what stands around it: a part of the home page, and a page of its own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from digiweb.views.base import GuardedView
from sales.contract_figures import PERIODS, contracts_widget, figures_of, may_choose_mine
from sales.views.contract import CRUMB, MODULE


class ContractFiguresView(GuardedView):
    """Contracts signed in a period by salesperson, month, offer and client, within sight (SPEC S12)."""

    module = MODULE
    action = "view"
    breadcrumbs = (CRUMB,)

    def get(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        chooses = may_choose_mine(user)
        mine = chooses and request.GET.get("who") == "me"
        figures = figures_of(user, request.GET.get("period", ""), mine=mine)
        context = {
            **figures,
            "page_title": _("Contracts by salesperson"),
            "breadcrumbs": self.get_breadcrumbs(),
            "widget": contracts_widget(user),
            "periods": [
                {
                    "label": label,
                    "url": self.address(name, mine=mine),
                    "active": name == figures["period"].name,
                }
                for name, label in PERIODS
            ],
            "who": [
                {"label": label, "url": self.address(figures["period"].name, mine=me), "active": me == mine}
                for me, label in ((False, _("All I see")), (True, _("Mine")))
            ]
            if chooses
            else [],
        }
        part = request.htmx and request.htmx.target == "contract-figures"  # type: ignore[attr-defined]
        template = "sales/contract/figures.html" if part else "sales/contract/figures_page.html"
        return render(request, template, context)

    def address(self, period: str, *, mine: bool) -> str:
        return f"{reverse('sales:contract_figures')}?period={period}{'&who=me' if mine else ''}"
