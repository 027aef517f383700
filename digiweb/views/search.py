"""The search box: results while typing, and a page of its own without JavaScript."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from digiweb.search import commands, find
from digiweb.views.base import GuardedView

MAX_LENGTH = 100


class SearchView(GuardedView):
    """Everything the person may see that matches `q`."""

    signed_in = True

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "")[:MAX_LENGTH]
        context = {
            "q": text,
            "groups": find(request.user, text),
            "commands": commands(request, text),
            "page_title": _("Search"),
            "breadcrumbs": [],
        }
        template = "components/search_results.html" if request.htmx else "search.html"  # type: ignore[attr-defined]
        return render(request, template, context)
