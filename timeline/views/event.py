"""Pages of the audit log: read, filtered, exported; nothing here changes anything (SPEC T11)."""

from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.paging import Page, Sort, fetch_in_order
from digiweb.tables import Column
from digiweb.templatetags.digiweb import number
from digiweb.views.base import GuardedView
from digiweb.views.list import ListView
from timeline.filters.event import SEARCHED, EventFilterSet
from timeline.models import Event
from timeline.tables.event import EventTable, kind_label, origin
from timeline.words import change_lines, words_of_action

MODULE = "people.audit"
CRUMB = (gettext_lazy("Audit log"), "/settings/audit/")
NEWEST = Sort("newest", gettext_lazy("Newest first"), ("id",), descending=True)
OLDEST = Sort("oldest", gettext_lazy("Oldest first"), ("id",))
# Within a period the index of moments serves both the bounds and the order.
BY_MOMENT = {
    "newest": Sort("newest", gettext_lazy("Newest first"), ("at", "id"), descending=True),
    "oldest": Sort("oldest", gettext_lazy("Oldest first"), ("at", "id")),
}


def with_record_urls(events: list[Event], user: Any) -> list[Event]:
    """Give each event the address of its record, where it still is and `user` may see it.

    One query for each kind of record on the page.
    """
    wanted: dict[str, set[int]] = {}
    for event in events:
        if event.subject_type and event.subject_id:
            wanted.setdefault(event.subject_type, set()).add(event.subject_id)
    found: dict[tuple[str, int], str] = {}
    for kind, pks in wanted.items():
        try:
            model: Any = apps.get_model(kind)
        except (LookupError, ValueError):
            continue
        if hasattr(model, "module") and hasattr(model, "get_absolute_url"):
            for record in model.objects.visible_to(user).filter(pk__in=pks):
                found[kind, record.pk] = record.get_absolute_url()
    for event in events:
        event.record_url = found.get((event.subject_type, event.subject_id or 0), "")  # type: ignore[attr-defined]
    return events


class EventListView(ListView):
    """Everything that happened, newest first."""

    module = MODULE
    model = Event  # type: ignore[assignment]
    urls = "timeline:event"
    title = gettext_lazy("Audit log")
    filterset_class = EventFilterSet
    table = EventTable
    sorts = (NEWEST, OLDEST)
    empty_text = gettext_lazy("Nothing has happened yet.")
    template_name = "timeline/event/list.html"

    @cached_property
    def sort(self) -> Sort:
        chosen = NEWEST if self.request.GET.get("sort") != OLDEST.name else OLDEST
        period = self.request.GET.get("at_after") or self.request.GET.get("at_before")
        return BY_MOMENT[chosen.name] if period else chosen

    def _rows(self, page: Page) -> list[dict[str, Any]]:
        events = fetch_in_order(self.rows_queryset(), page.ids)
        return [self.describe_row(event) for event in with_record_urls(events, self.request.user)]

    def rows_queryset(self) -> QuerySet:
        return self.visible()

    def describe(self) -> dict[str, Any]:
        described = super().describe()
        if described["q"]:
            text = _(
                "The search looks through the latest %(count)s events; set a period to look further back."
            )
            described["notice"] = text % {"count": number(SEARCHED)}
        return described

    def _describe_column(self, column: Column) -> dict[str, Any]:
        described = super()._describe_column(column)
        if column.name == "at":
            newest = not self.sort.descending
            described["sort_url"] = self.url(sort=(NEWEST if newest else OLDEST).name)
            described["direction"] = "desc" if self.sort.descending else "asc"
        return described


class EventDetailView(GuardedView):
    """One event with all that was written down."""

    module = MODULE
    action = "view"
    breadcrumbs = (CRUMB,)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        event = Event.objects.visible_to(request.user).filter(pk=pk).first()
        if event is None:
            raise Http404
        with_record_urls([event], request.user)
        words = words_of_action(event.action)
        context = {
            "event": event,
            "label": words.label,
            "icon": words.icon,
            "kind": kind_label(event) if event.subject_type else "",
            "origin": origin(event),
            "changes": change_lines(event.subject_type, event.changes),
            "details": sorted((name.replace("_", " "), value) for name, value in event.data.items()),
            "page_title": words.label,
            "breadcrumbs": [*self.breadcrumbs, (words.label, "")],
        }
        return render(request, "timeline/event/detail.html", context)
