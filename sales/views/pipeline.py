"""The pipeline: what is under way, how likely it is, and what stands still (SPEC S1)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Deal
from digiweb.views.base import GuardedView
from sales.pipeline_figures import pipeline_of
from sales.selection import Selection


class SteeringView(GuardedView):
    """A page of figures under filters: whole, or what stands under the filters alone (htmx)."""

    template = ""
    path_name = ""
    title: Any = ""
    usual = "12m"
    by_source = True

    def selection(self) -> Selection:
        return Selection(
            self.request.user,
            self.request.GET,
            usual=self.usual,
            by_source=self.by_source,
            path=reverse(self.path_name),
        )

    def figures(self, selection: Selection) -> dict[str, Any]:
        raise NotImplementedError

    def get(self, request: HttpRequest) -> HttpResponse:
        selection = self.selection()
        context = {
            "page_title": self.title,
            "breadcrumbs": self.get_breadcrumbs(),
            "asked": selection.describe(),
            **self.figures(selection),
        }
        part = request.htmx and request.htmx.target == "figures"  # type: ignore[attr-defined]
        return render(request, f"{self.template}/{'figures' if part else 'page'}.html", context)


class PipelineView(SteeringView):
    """Deals by stage, funnel, forecast, what was put off and what is stale, within sight."""

    module = Deal.module
    action = "view"
    template = "sales/pipeline"
    path_name = "sales:pipeline"

    @property
    def title(self) -> Any:  # type: ignore[override]
        return _("Pipeline")

    def figures(self, selection: Selection) -> dict[str, Any]:
        return {**pipeline_of(selection), "board_url": f"{reverse('crm:deal_list')}?mode=kanban"}
