"""The page of a record in tabs: an overview of its own, then lists of other modules, held to the record.

A tab is loaded as it is opened, from the list's own address (digiweb/tabs.py); the address of the page
remembers which one (`?tab=`). Without JavaScript a tab is a link, and its panel a link to the list.
"""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from digiweb.tabs import tabs_for
from digiweb.views.detail import DetailView
from digiweb.views.timeline import timeline_of

OVERVIEW = "overview"


class TabbedDetailView(DetailView):
    """A record's page in tabs; subclasses name what stands above them and in the overview."""

    template_name = "generic/tabbed.html"
    # What stands between the title and the tabs, and the panel of the first tab.
    strip_template = ""
    overview_template = "generic/overview.html"
    overview_label: Any = _("Overview")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record = self.get_object()
        target = request.htmx.target if request.htmx else ""  # type: ignore[attr-defined]
        context: dict[str, Any] = {"object": record, "page_title": str(record)}
        # The time line comes after the page; without JavaScript, by a link.
        if target == "timeline" or {"events", "events_after", "kind"} & request.GET.keys():
            context["timeline"] = timeline_of(request, record, base_url=record.get_absolute_url())
        if target == "timeline":
            return render(request, "components/timeline.html", context)
        tabs = self.describe_tabs(record)
        context |= {
            "record": {**self.describe(record), "tabs": tabs},
            "tab": next(tab for tab in tabs if tab["active"]),
            "strip_template": self.strip_template,
            "overview_template": self.overview_template,
        }
        context |= self.get_context_data(object=record)
        return render(request, self.overview_template if target == "list" else self.template_name, context)

    def describe_tabs(self, record: Any) -> list[dict[str, Any]]:
        """The tabs that this person may open; the one that is open is `active`, the first by default."""
        url = record.get_absolute_url()
        tabs: list[dict[str, Any]] = [
            {"name": OVERVIEW, "label": self.overview_label, "icon": "layout-dashboard", "load_url": url}
        ]
        tabs += [
            {
                "name": tab.name,
                "label": tab.label,
                "icon": tab.icon,
                "load_url": tab.inner_address(record),
                "list_url": tab.address(record),
            }
            for tab in tabs_for(self.request.user, self.module)
        ]
        wanted = self.request.GET.get("tab", "")
        names = [tab["name"] for tab in tabs]
        active = wanted if wanted in names else OVERVIEW
        for tab in tabs:
            tab["active"] = tab["name"] == active
            tab["url"] = url if tab["name"] == OVERVIEW else f"{url}?{urlencode({'tab': tab['name']})}"
        return tabs
