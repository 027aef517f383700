"""The list of background jobs: one's own, or everybody's for those whose role shows them."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from digiweb.durations import took_text
from digiweb.jobs import runs_for
from digiweb.numbers import whole_number
from digiweb.paging import PAGE_SIZE, Sort
from digiweb.views.base import GuardedView
from digiweb.views.list import ListView
from timeline.filters.job_run import JobRunFilterSet
from timeline.models import JobRun
from timeline.tables.job_run import JobRunTable, state_of

MODULE = "timeline.job"


class JobRunListView(ListView):
    """Background jobs, newest first; what is under way moves by itself."""

    module = MODULE
    signed_in = True
    model = JobRun  # type: ignore[assignment]
    urls = "job"
    title = _("Background jobs")
    filterset_class = JobRunFilterSet
    table = JobRunTable
    sorts = (
        Sort("newest", _("Newest first"), ("id",), descending=True),
        Sort("oldest", _("Oldest first"), ("id",)),
        Sort("name", _("Name, A to Z"), ("label", "id")),
        Sort("-name", _("Name, Z to A"), ("label", "id"), descending=True),
    )
    empty_text = _("No job yet: imports and other long work that you ask for are followed here.")
    template_name = "timeline/jobrun/list.html"
    fragment_name = "timeline/jobrun/list_body.html"

    def visible(self) -> Any:
        return runs_for(self.request.user)

    def filtered_branches(self) -> list[QuerySet]:
        return [self.filtered()]

    def filtered_portions(self) -> list[QuerySet]:
        return [self.filtered()]

    def extra_actions(self) -> list[dict[str, Any]]:
        user: Any = self.request.user
        if not user.can(MODULE, "view"):
            return []
        return [{"label": _("Schedule"), "url": reverse("schedule"), "icon": "calendar-time"}]

    def describe(self) -> dict[str, Any]:
        described = super().describe()
        live = [row["pk"] for row in described["rows"] if row["record"].is_live]
        return {**described, "live_url": live_url(live)}


def live_url(pks: list[int]) -> str:
    """Where the list asks how far these runs are; nothing when none is under way."""
    return f"{reverse('job_live')}?{urlencode([('run', pk) for pk in pks])}" if pks else ""


class JobLiveView(GuardedView):
    """The cells of runs that were under way, as they are now, and where to ask again."""

    signed_in = True

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = [whole_number(text) for text in request.GET.getlist("run")[:PAGE_SIZE]]
        runs = list(runs_for(request.user).filter(pk__in=[pk for pk in asked if pk]).order_by("pk"))
        context = {
            "runs": [{"pk": run.pk, "state": state_of(run), "took": took_text(run.took)} for run in runs],
            "live_url": live_url([run.pk for run in runs if run.is_live]),
        }
        return render(request, "timeline/jobrun/live.html", context)
