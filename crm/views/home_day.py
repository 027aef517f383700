"""Today on the home page: asked for after the page, or a page of its own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm.home_day import day_of, day_widget
from crm.models import Deal
from digiweb.views.base import GuardedView


class HomeDayView(GuardedView):
    """Appointments, what needs one now, hot leads, this week against last (SPEC T5)."""

    module = Deal.module
    action = "view"

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {**day_of(request.user), "page_title": day_widget(request.user)["title"]}
        part = request.htmx and request.htmx.target == "home-day-part"  # type: ignore[attr-defined]
        return render(request, "home/day_part.html" if part else "home/day_page.html", context)
