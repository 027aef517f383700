"""Boards: the records of a list in columns by status, moved by dragging or by keyboard."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from digiweb.models import StaleVersion
from digiweb.paging import capped_count, fetch_in_order, keyset_page
from digiweb.templatetags.digiweb import number
from digiweb.views.base import RecordMixin
from digiweb.views.list import PAGE_PARAMETERS, ListView

COLUMN_SIZE = 25


class KanbanListView(ListView):
    """A list with a board: `kanban_field` is a choice field whose values are the columns."""

    kanban_field = "status"
    kanban_related: tuple[str, ...] = ()

    def kanban_choices(self) -> list[tuple[str, Any]]:
        field: Any = self.model._meta.get_field(self.kanban_field)
        return list(field.choices)

    def card(self, record: Any) -> dict[str, Any]:
        """What a card shows: {title, subtitle, meta: [{icon, text}], owner}."""
        return {"title": str(record), "subtitle": "", "meta": [], "owner": None}

    def kanban(self) -> list[dict[str, Any]]:
        return [self.kanban_column(value, label) for value, label in self.kanban_choices()]

    def kanban_column(self, value: str, label: Any, after: str = "") -> dict[str, Any]:
        only = {self.kanban_field: value}
        page = keyset_page(
            self._only(self.filtered_branches(), only), self.sort, after=after, size=COLUMN_SIZE
        )
        records = fetch_in_order(self.visible().showing(self.kanban_related), page.ids)
        count, capped = capped_count(self._only(self.filtered_portions(), only))
        board_url = self.url([*PAGE_PARAMETERS, "column"], mode="kanban")
        return {
            "value": value,
            "label": label,
            "count": count,
            "count_text": f"{number(count)}+" if capped else number(count),
            "url": self.url(PAGE_PARAMETERS, mode="list", **{self.kanban_field: value}),
            "more_url": f"{board_url}&column={value}&after={page.after}" if page.after else "",
            "cards": [
                {
                    "pk": record.pk,
                    "url": record.get_absolute_url(),
                    "version": record.version,
                    **self.card(record),
                }
                for record in records
            ],
        }

    def _only(self, branches: list[QuerySet], only: dict[str, str]) -> list[QuerySet]:
        return [branch.filter(**only) for branch in branches]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """`?column=prospect&after=…` answers the next cards of one column, as the person scrolls."""
        value = request.GET.get("column", "")
        if self.mode == "kanban" and value:
            label = dict(self.kanban_choices()).get(value)
            if label is None:
                raise Http404
            column = self.kanban_column(value, label, request.GET.get("after", ""))
            context = {"column": column, "list": {"move_url": self.move_url()}}
            return render(request, "generic/kanban_cards.html", context)
        return super().get(request, *args, **kwargs)

    def move_url(self) -> str:
        raise NotImplementedError

    def describe(self) -> dict[str, Any]:
        return {**super().describe(), "move_url": self.move_url()}


class MoveView(RecordMixin):
    """A card dropped in another column. Answers JSON: the new version, or why not."""

    action = "change"
    http_method_names = ["post"]
    kanban_field = "status"

    def move(self, record: Any, to: str, version: int | None) -> None:
        """Call the service; may raise StaleVersion."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        pk, to, version = (request.POST.get(name, "") for name in ("pk", "to", "version"))
        if not pk.isdigit() or len(pk) > 18:
            raise Http404
        self.kwargs["pk"] = int(pk)
        record = self.get_object()
        field: Any = self.model._meta.get_field(self.kanban_field)
        if to not in dict(field.choices):
            return JsonResponse({"error": _("This column does not exist.")}, status=422)
        try:
            self.move(record, to, int(version) if version.isdigit() else None)
        except StaleVersion:
            error = _("Somebody changed this record meanwhile: the board was reloaded.")
            return JsonResponse({"error": error}, status=409)
        return JsonResponse({"version": record.version})
