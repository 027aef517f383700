"""Boards: the records of a list in columns by status, moved by dragging or by keyboard."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from digiweb.cards import cards_html
from digiweb.models import StaleVersion
from digiweb.numbers import whole_number
from digiweb.paging import Page, capped_count, fetch_in_order, keyset_page
from digiweb.templatetags.digiweb import number
from digiweb.views.base import RecordMixin
from digiweb.views.list import PAGE_PARAMETERS, ListView

COLUMN_SIZE = 25


class KanbanListView(ListView):
    """A list with a board: `kanban_field` is a choice field whose values are the columns."""

    kanban_field = "status"
    kanban_related: tuple[str, ...] = ()
    column_size = COLUMN_SIZE

    def kanban_choices(self) -> list[tuple[str, Any]]:
        field: Any = self.model._meta.get_field(self.kanban_field)
        return list(field.choices)

    def card(self, record: Any) -> dict[str, Any]:
        """What a card shows: {title, subtitle, figure, meta: [{icon, text, tone, title}], owner}."""
        return {"title": str(record), "subtitle": "", "meta": [], "owner": None}

    def lane(self, value: str) -> dict[str, Any]:
        """What else a column has: {ask, drop_text, quick_url} (templates/generic/kanban.html)."""
        return {}

    def kanban(self) -> list[dict[str, Any]]:
        choices = self.kanban_choices()
        pages = {value: self.column_page(value) for value, _label in choices}
        # The cards of all columns in one query.
        found = self.card_records([pk for page in pages.values() for pk in page.ids])
        figures = self.column_figures([value for value, _label in choices])
        return [
            {
                "value": value,
                "label": label,
                "url": self.url(PAGE_PARAMETERS, mode="list", **{self.kanban_field: value}),
                **figures[value],
                **self.lane(value),
                **self.column_cards(value, pages[value], found),
            }
            for value, label in choices
        ]

    def column_branches(self, value: str) -> list[QuerySet]:
        """The rows of one column, as branches that a sorted page merges."""
        return [branch.filter(**{self.kanban_field: value}) for branch in self.filtered_branches()]

    def column_page(self, value: str, after: str = "") -> Page:
        branches = self.column_branches(value)
        sort = self.filterset.in_order(self.sort, branches) if self.filterset.is_valid() else self.sort
        return keyset_page(branches, sort, after=after, size=self.column_size)

    def known_counts(self) -> Mapping[str, int] | None:
        """{column: rows} from a roll-up that knows all filters in force; None has them counted."""
        return None

    @cached_property
    def column_counts(self) -> dict[str, tuple[int, bool]]:
        """{column: (rows, whether there are more)}."""
        values = [value for value, _label in self.kanban_choices()]
        known = self.known_counts()
        if known is not None:
            return {value: (known.get(value, 0), False) for value in values}
        portions = self.filtered_portions()
        return {
            value: capped_count([portion.filter(**{self.kanban_field: value}) for portion in portions])
            for value in values
        }

    def count(self) -> tuple[int, bool]:
        if self.mode == "kanban":
            counts = self.column_counts.values()
            return sum(count for count, _more in counts), any(more for _count, more in counts)
        known = self.known_counts()
        return super().count() if known is None else (sum(known.values()), False)

    def column_figures(self, values: Sequence[str]) -> dict[str, dict[str, Any]]:
        """{column: {count, count_text, …}}: what its head tells."""
        counts = self.column_counts
        return {
            value: {
                "count": counts[value][0],
                "count_text": f"{number(counts[value][0])}{'+' if counts[value][1] else ''}",
            }
            for value in values
        }

    def card_records(self, ids: Sequence[int]) -> dict[int, Any]:
        found = fetch_in_order(self.visible().select_related(*self.kanban_related), ids)
        return {record.pk: record for record in found}

    def column_cards(self, value: str, page: Page, found: dict[int, Any]) -> dict[str, Any]:
        board_url = self.url([*PAGE_PARAMETERS, "column"], mode="kanban")
        cards = [self.describe_card(found[pk]) for pk in page.ids if pk in found]
        return {
            "more_url": f"{board_url}&column={value}&after={page.after}" if page.after else "",
            "cards": cards,
            "cards_html": cards_html(cards, movable=bool(self.move_url())),
        }

    def describe_card(self, record: Any) -> dict[str, Any]:
        return {
            "pk": record.pk,
            "url": record.get_absolute_url(),
            "version": record.version,
            **self.card(record),
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """`?column=prospect&after=…` answers the next cards of one column, as the person scrolls."""
        value = request.GET.get("column", "")
        if self.mode == "kanban" and value:
            if value not in dict(self.kanban_choices()):
                raise Http404
            page = self.column_page(value, request.GET.get("after", ""))
            column = {
                "url": self.url(PAGE_PARAMETERS, mode="list", **{self.kanban_field: value}),
                **self.column_cards(value, page, self.card_records(page.ids)),
            }
            return render(request, "generic/kanban_cards.html", {"column": column})
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

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Rights may have gone since the board was drawn: the board tells why the card goes back."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except PermissionDenied:
            error = _("You no longer have the right to change this record: the card was put back.")
            return JsonResponse({"error": error}, status=403)
        except Http404:
            error = _("This record is gone, or no longer yours to see: the board was reloaded.")
            return JsonResponse({"error": error}, status=404)

    def move(self, record: Any, to: str, version: int | None) -> None:
        """Call the service; may raise StaleVersion or ValidationError."""
        raise NotImplementedError

    def card_html(self, record: Any) -> str:
        """The card as it is now, where what it tells follows from its column."""
        return ""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        pk, to, version = (request.POST.get(name, "") for name in ("pk", "to", "version"))
        self.kwargs["pk"] = whole_number(pk)
        if self.kwargs["pk"] is None:
            raise Http404
        record = self.get_object()
        field: Any = self.model._meta.get_field(self.kanban_field)
        if to not in dict(field.choices):
            return JsonResponse({"error": _("This column does not exist.")}, status=422)
        try:
            self.move(record, to, whole_number(version))
        except StaleVersion:
            error = _("Somebody changed this record meanwhile: the board was reloaded.")
            return JsonResponse({"error": error}, status=409)
        except ValidationError as refused:
            return JsonResponse({"error": " ".join(refused.messages)}, status=422)
        return JsonResponse({"version": record.version, "card": self.card_html(record)})
