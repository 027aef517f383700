"""The page of a record: facts that are edited in place, its time line, what hangs on it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from digiweb.panels import panel_links
from digiweb.tables import Column
from digiweb.views.base import RecordMixin
from digiweb.views.timeline import timeline_of


class DetailView(RecordMixin):
    """A record's page; subclasses declare facts and what stands beside them."""

    action = "view"
    template_name = "generic/detail.html"
    # Name of the URLs, as on lists.
    urls = ""
    # (heading, columns); a column whose name the edit form knows is edited in place.
    facts: Sequence[tuple[Any, Sequence[Column]]] = ()
    editable: Sequence[str] = ()
    # Templates of the right-hand column.
    side: Sequence[str] = ()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record = self.get_object()
        context = {
            "object": record,
            "record": self.describe(record),
            "timeline": timeline_of(request, record, base_url=record.get_absolute_url()),
            "page_title": str(record),
            **self.get_context_data(object=record),
        }
        if request.htmx and request.htmx.target == "timeline":  # type: ignore[attr-defined]
            return render(request, "components/timeline.html", context)
        return render(request, self.template_name, context)

    def describe(self, record: Any) -> dict[str, Any]:
        user: Any = self.request.user
        changes = user.may("change", record)
        return {
            "title": str(record),
            "subtitle": self.subtitle(record),
            "badge": self.badge(record),
            "initials": getattr(record, "initials", ""),
            "actions": self.actions(record) if changes else [],
            "menu": self.menu(record),
            "facts": [
                {
                    "group": heading,
                    "rows": [self.describe_fact(record, column, changes=changes) for column in columns],
                }
                for heading, columns in self.facts
            ],
            "tabs": [],
            "side": list(self.side),
            "panel_links": panel_links(user, record),
            "panels_url": reverse("panels", args=[record._meta.label_lower, record.pk]),
            "can_change": changes,
        }

    def describe_fact(self, record: Any, column: Column, *, changes: bool) -> dict[str, Any]:
        editable = changes and column.name in self.editable
        edit_url = (
            reverse(f"{self.urls}_edit", args=[record.pk]) + f"?field={column.name}" if editable else ""
        )
        return {"name": column.name, "label": column.label, "html": column.html(record), "edit_url": edit_url}

    @classmethod
    def fact_named(cls, record: Any, name: str) -> dict[str, Any] | None:
        """One fact as the page shows it, for the answer of an edit in place."""
        for _heading, columns in cls.facts:
            for column in columns:
                if column.name == name:
                    return cls().describe_fact(record, column, changes=True)
        return None

    def subtitle(self, record: Any) -> Any:
        return ""

    def badge(self, record: Any) -> dict[str, Any] | None:
        return None

    def actions(self, record: Any) -> list[dict[str, Any]]:
        """The actions one does most; the first is the primary one."""
        edit = reverse(f"{self.urls}_edit", args=[record.pk])
        return [{"label": _("Edit"), "url": edit, "icon": "pencil", "primary": True, "drawer": True}]

    def menu(self, record: Any) -> list[dict[str, Any]]:
        user: Any = self.request.user
        if not user.may("delete", record):
            return []
        url = reverse(f"{self.urls}_delete", args=[record.pk])
        return [{"label": _("Delete"), "url": url, "icon": "trash", "danger": True, "drawer": True}]
