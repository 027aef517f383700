"""The home page: what needs me now, by role."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from digiweb.home_events import latest_events
from digiweb.views.base import GuardedView, PageView
from digiweb.widgets import widgets_for


class HomeView(PageView):
    """Everybody's first page, each their own (SPEC T5)."""

    signed_in = True
    template_name = "home/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            widgets=widgets_for(self.request.user), page_title=_("Home"), **kwargs
        )


class LatestEventsView(GuardedView):
    """The latest events: for the home page, which asks for them later, or as a page of its own."""

    signed_in = True

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"events": latest_events(request.user), "page_title": _("Recent events")}
        page = "home/events_list.html" if request.htmx else "home/events_page.html"  # type: ignore[attr-defined]
        return render(request, page, context)
