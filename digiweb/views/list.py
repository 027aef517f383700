"""Lists: one URL for the page, its htmx fragment, its export and its kanban, from one filtered
and scoped queryset (DESIGN §3). A list of a module is a few attributes.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import HiddenInput
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from digiweb.bulk import BulkAction
from digiweb.exports import export_response
from digiweb.filters import FilterSet
from digiweb.models import Record
from digiweb.paging import COUNT_LIMIT, Page, Sort, capped_count, fetch_in_order, keyset_page
from digiweb.querysets import ScopedQuerySet
from digiweb.tables import Column, Table, choose
from digiweb.tabs import is_tab
from digiweb.templatetags.digiweb import number
from digiweb.views.base import GuardedView
from digiweb.views.list_state import chips_of, remember, saved_views_of
from people.models import ListPreference

# Parameters of the address that are not filters.
PAGE_PARAMETERS = ("after", "before")
# Names the filter that stays, where the list is a tab of a record's page (digiweb/tabs.py).
WITHIN = "within"


class ListView(GuardedView):
    """A list of records. Subclasses declare; `cards` and `kanban` are further modes of the same list."""

    action = "view"
    model: type[Record]
    filterset_class: type[FilterSet]
    table: type[Table]
    sorts: Sequence[Sort]
    title: Any = ""
    drawing = "empty-generic"
    empty_text: Any = _("Nothing here yet.")
    create_label: Any = ""
    # Name of the URLs: `crm:contact` gives crm:contact_list, crm:contact_new, crm:contact_bulk.
    urls = ""
    modes: Sequence[str] = ("list",)
    card_template = ""
    bulk_actions: Sequence[BulkAction] = ()
    template_name = "generic/list.html"
    fragment_name = "generic/list_body.html"

    MODE_LABELS = {
        "list": (_("List"), "list"),
        "cards": (_("Cards"), "layout-grid"),
        "kanban": (_("Board"), "layout-kanban"),
    }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        remembered = self.remembered_query()
        if remembered:
            return HttpResponseRedirect(f"{request.path}?{remembered}")
        if "export" in request.GET:
            return self.export()
        context = {
            "list": self.describe(),
            "view_sorts": [sort.name for sort in self.offered_sorts()],
            "page_title": self.title,
            "breadcrumbs": self.get_breadcrumbs(),
        }
        status = 200 if self.filterset.is_valid() else 422
        # Through another's eyes (« voir comme ») nothing of theirs changes, not even what they saw last.
        if status == 200 and not hasattr(request, "real_user") and not self.within:
            remember(request.user, self.list_key, self.preference, self.state_query(["q", *PAGE_PARAMETERS]))
        # A list asked for itself gets its body; a link followed by htmx elsewhere gets the page.
        fragment = request.htmx and request.htmx.target == "list"  # type: ignore[attr-defined]
        return render(request, self.fragment_name if fragment else self.template_name, context, status=status)

    # --- In a tab of a record's page: its filter stays, and so do its links

    @cached_property
    def within(self) -> str:
        """The name of the filter that holds the list to one record; "" on its own page."""
        name = self.request.GET.get(WITHIN, "")
        return name if self.request.GET.get(name) and is_tab(f"{self.urls}_list", name) else ""

    @property
    def held(self) -> dict[str, str]:
        """The parameters that every address in the tab keeps."""
        return {self.within: self.request.GET[self.within], WITHIN: self.within} if self.within else {}

    def tab_initial(self, value: str) -> dict[str, Any]:
        """What the form of a new record is told of the record whose tab this is."""
        return {self.within: value}

    # --- What is shown: filters, sort, columns

    @property
    def list_key(self) -> str:
        return self.urls

    @cached_property
    def preference(self) -> ListPreference | None:
        user: Any = self.request.user
        return ListPreference.objects.filter(user=user, list_key=self.list_key).first()

    @cached_property
    def filterset(self) -> FilterSet:
        return self.filterset_class(self.request.GET, queryset=self.visible(), request=self.request)

    @cached_property
    def sort(self) -> Sort:
        wanted = self.request.GET.get("sort", "")
        offered = self.offered_sorts()
        return next((sort for sort in offered if sort.name == wanted), offered[0])

    def offered_sorts(self) -> Sequence[Sort]:
        """The sorts that this person may use; all that are declared, unless one would tell too much."""
        return self.sorts

    @cached_property
    def mode(self) -> str:
        wanted = "list" if self.within else self.request.GET.get("mode", "")
        return wanted if wanted in self.modes else self.modes[0]

    @cached_property
    def columns(self) -> list[Column]:
        """In the tab of a record's page, that record goes without saying."""
        return [column for column in self.chosen if column.name != self.within] or self.chosen

    @cached_property
    def chosen(self) -> list[Column]:
        return choose(self.all_columns, self.preference.columns if self.preference else [])

    @cached_property
    def all_columns(self) -> Sequence[Column]:
        """What the person may choose from; a list with custom fields has more than its table declares."""
        return self.table.columns

    def visible(self) -> ScopedQuerySet:
        """All that the person may see, before the filters."""
        return self.model.objects.visible_to(self.request.user)

    def filtered(self) -> QuerySet:
        """What the list holds: counted, exported, changed in bulk."""
        return self.filterset.qs if self.filterset.is_valid() else self.visible().none()

    def filtered_branches(self) -> list[QuerySet]:
        """The same rows, as branches that a sorted page merges (digiweb/scopes.py)."""
        if not self.filterset.is_valid():
            return [self.visible().none()]
        branches = self.model.objects.scope_branches(self.request.user)
        return self.filterset.filter_branches(branches, self.visible())

    def filtered_portions(self) -> list[QuerySet]:
        """The same rows again, as portions that are counted (digiweb/scopes.py)."""
        if not self.filterset.is_valid():
            return [self.visible().none()]
        portions = self.model.objects.scope_portions(self.request.user)
        return self.filterset.filter_portions(portions, self.visible())

    def count(self) -> tuple[int, bool]:
        """How many rows the list holds, and whether there are more than were counted."""
        return capped_count(self.filtered_portions())

    def page_and_count(self) -> tuple[Page, int, bool]:
        """The page, how many rows the list holds, and whether there are more than were counted."""
        if self.mode == "kanban":
            return Page([], "", ""), *self.count()
        get, branches = self.request.GET, self.filtered_branches()
        words = self.filterset.words
        sort = self.filterset.in_order(self.sort, branches) if self.filterset.is_valid() else self.sort
        after, before = get.get("after", ""), get.get("before", "")
        if words is not None and words.indexed:
            page = keyset_page(branches, sort, after=after, before=before, total=True)
            if page.total is None:
                return page, *self.count()
            return page, min(page.total, COUNT_LIMIT), page.total > COUNT_LIMIT
        count, capped = self.count()
        page = keyset_page(branches, sort, after=after, before=before, rows=count)
        return page, count, capped

    def rows_queryset(self) -> QuerySet:
        """The records of a page with what the shown columns need."""
        joined = {name for column in self.columns for name in column.select_related}
        fetched = {name for column in self.columns for name in column.prefetch_related}
        paths = [column.path for column in self.columns if column.path]
        return self.visible().showing(joined, paths).prefetch_related(*sorted(fetched))

    # --- Addresses

    def state_query(self, without: Sequence[str] = (), **changes: str) -> str:
        """The present query string with some parameters left out or changed."""
        query: QueryDict = self.request.GET.copy()
        for name in [*without, *changes, "export", "all"]:
            query.pop(name, None)
        for name, value in changes.items():
            if value:
                query[name] = value
        kept = [(name, value) for name, values in query.lists() for value in values if value]
        return urlencode(kept)

    def url(self, without: Sequence[str] = PAGE_PARAMETERS, **changes: str) -> str:
        query = self.state_query(without, **changes)
        return f"{self.request.path}?{query}" if query else f"{self.request.path}?all=1"

    def remembered_query(self) -> str:
        """The last view of this list, when the person comes back to its bare address."""
        if self.request.GET or self.request.htmx or self.preference is None:  # type: ignore[attr-defined]
            return ""
        return self.preference.last_query

    # --- The object that the templates draw (names: docs/development.md)

    def describe(self) -> dict[str, Any]:
        page, count, capped = self.page_and_count()
        form = self.filterset.form
        for name in self.held.keys() & form.fields.keys():
            form.fields[name].widget = HiddenInput()
        modes = () if self.within else self.modes
        described: dict[str, Any] = {
            "key": self.list_key,
            "title": self.title,
            "count": count,
            "count_text": f"{number(count)}+" if capped else number(count),
            "capped": capped,
            "url": self.request.path,
            "query": self.state_query(PAGE_PARAMETERS),
            "within": self.within,
            "here_url": self.url(()),
            "mode": self.mode,
            "modes": [
                {
                    "name": mode,
                    "label": self.MODE_LABELS[mode][0],
                    "icon": self.MODE_LABELS[mode][1],
                    "url": self.url(mode=mode if mode != self.modes[0] else ""),
                    "active": mode == self.mode,
                }
                for mode in modes
            ],
            "saved_views": [] if self.within else saved_views_of(self.request, self.list_key),
            "all_url": f"{self.request.path}?{urlencode(self.held or {'all': 1})}",
            "is_all": not self.state_query(PAGE_PARAMETERS),
            "save_view_url": "" if self.within else reverse("people:saved_view_new"),
            "preferences_url": reverse("people:list_preference"),
            "q": self.request.GET.get("q", ""),
            "filter_form": form,
            "chips": [chip for chip in chips_of(self.filterset, self.url) if chip["name"] not in self.held],
            "clear_url": self.url(
                [each for each in (*form.fields, *PAGE_PARAMETERS) if each not in self.held]
            ),
            "columns": [self._describe_column(column) for column in self.columns],
            "rows": self._rows(page),
            "previous_url": self.url(before=page.before, after="") if page.before else "",
            "next_url": self.url(after=page.after, before="") if page.after else "",
            "column_choices": self._column_choices(),
            "density": self.preference.density if self.preference else "comfortable",
            "exports": self._exports(),
            "bulk_actions": self.allowed_bulk_actions(),
            "bulk_url": reverse(f"{self.urls}_bulk") if self.bulk_actions else "",
            "extra_actions": self.extra_actions(),
            "card_template": self.card_template,
            "notice": self.notice(),
            **self._create_link(),
        }
        described["empty"] = self._empty(described)
        if self.mode == "kanban":
            described["kanban"] = self.kanban()
        return described

    def _describe_column(self, column: Column) -> dict[str, Any]:
        """A header: its link sorts, and sorts the other way when it sorts already."""
        offered = [sort for sort in self.offered_sorts() if column.sort and sort.fields[0] == column.sort]
        direction, sort_url = "", ""
        if offered:
            current = self.sort if self.sort in offered else None
            if current:
                direction = "desc" if current.descending else "asc"
            others = [sort for sort in offered if sort is not current] or offered
            sort_url = self.url([*PAGE_PARAMETERS], sort=others[0].name)
        return {
            "name": column.name,
            "label": column.label,
            "align": column.align,
            "sort_url": sort_url,
            "direction": direction,
        }

    def _rows(self, page: Page) -> list[dict[str, Any]]:
        return [self.describe_row(record) for record in fetch_in_order(self.rows_queryset(), page.ids)]

    def describe_row(self, record: Any) -> dict[str, Any]:
        return {
            "pk": record.pk,
            "url": record.get_absolute_url(),
            "label": str(record),
            "record": record,
            "cells": [
                {"html": column.html(record), "align": column.align, "name": column.name}
                for column in self.columns
            ],
        }

    def _column_choices(self) -> list[dict[str, Any]]:
        shown = [column.name for column in self.chosen]
        rest = [column for column in self.all_columns if column.name not in shown]
        return [
            {"name": column.name, "label": column.label, "checked": column.name in shown}
            for column in [*self.chosen, *rest]
        ]

    def _exports(self) -> list[dict[str, str]]:
        user: Any = self.request.user
        if not user.can(self.module, "export"):
            return []
        labels = {"csv": "CSV", "xlsx": "Excel"}
        query = self.state_query(PAGE_PARAMETERS)
        return [
            {
                "format": kind,
                "label": label,
                "url": f"{self.request.path}?{query}{'&' if query else ''}export={kind}",
            }
            for kind, label in labels.items()
        ]

    def allowed_bulk_actions(self) -> list[BulkAction]:
        user: Any = self.request.user
        return [action for action in self.bulk_actions if user.can(self.module, action.action)]

    def notice(self) -> Any:
        """What is told above the table."""
        words = self.filterset.words
        if words is not None and words.broad:
            return _("Very many rows match: not all were counted. One more word narrows the search.")
        return ""

    def extra_actions(self) -> list[dict[str, Any]]:
        """Further buttons of the page, such as Import: [{label, url, icon}]."""
        return []

    def _create_link(self) -> dict[str, Any]:
        user: Any = self.request.user
        allowed = bool(self.create_label) and user.can(self.module, "create")
        url = reverse(f"{self.urls}_new") if allowed else ""
        if url and self.within:
            url = f"{url}?{urlencode(self.tab_initial(self.request.GET[self.within]))}"
        return {
            "create_url": url,
            "create_label": self.create_label,
        }

    def _empty(self, described: dict[str, Any]) -> dict[str, Any]:
        filtered = bool(described["chips"] or described["q"]) or not self.filterset.is_valid()
        return {
            "drawing": "empty-search" if filtered else self.drawing,
            "text": _("Nothing matches these filters.") if filtered else self.empty_text,
            "filtered": filtered,
            "action_url": described["clear_url"] if filtered else described["create_url"],
            "action_label": _("Clear the filters") if filtered else described["create_label"],
        }

    def kanban(self) -> list[dict[str, Any]]:
        """The columns of the board; a list with a board overrides it (digiweb/views/kanban.py)."""
        return []

    # --- Export

    def export_columns(self) -> Sequence[Column]:
        """The columns of the export: those on show, unless one would tell too much."""
        return self.columns

    def export_queryset(self) -> QuerySet:
        """The records that may leave, before the filters, with what the columns need besides."""
        rows: QuerySet = self.model.objects.visible_to(self.request.user, "export")
        return rows

    def export(self) -> HttpResponseBase:
        user: Any = self.request.user
        if not user.can(self.module, "export"):
            raise PermissionDenied
        if not self.filterset.is_valid():
            return HttpResponse(status=422)
        return export_response(
            user=user,
            kind=self.request.GET["export"],
            queryset=self.filterset.filter_queryset(self.export_queryset()),
            columns=self.export_columns(),
            name=str(self.model._meta.verbose_name_plural),
            key=self.list_key,
        )
