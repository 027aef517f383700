"""What the lists of quotes and of invoices have in common."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from digiweb.hints import FREQUENT
from digiweb.tables import Column, choose
from digiweb.views.list import ListView

# Of joined rows, which a list only names; of its own, what a page of fifty does not show.
HEAVY = (
    "client__identity_card",
    "client__health_lines",
    "client__search_text",
    "facts",
    "introduction",
    "terms",
)


class DocumentListView(ListView):
    """A list of documents: counted once, and walked from where its filters let it begin."""

    filterset: Any

    @cached_property
    def columns(self) -> list[Column]:
        """On a client's page the client goes without saying, on a salesperson's the salesperson."""
        shown = choose(self.all_columns, self.preference.columns if self.preference else [])
        without = {"client": ("client", "addressee")}.get(self.within, (self.within,))
        return [column for column in shown if column.name not in without] or shown

    def rows_queryset(self) -> QuerySet:
        return super().rows_queryset().defer(*HEAVY)

    def count(self) -> tuple[int, bool]:
        return self.counted

    @cached_property
    def counted(self) -> tuple[int, bool]:
        return super().count()

    def filtered_branches(self) -> list[QuerySet]:
        """Few rows are sorted; of many, the index of the order is read from the first that may be meant."""
        branches = super().filtered_branches()
        if not self.filterset.is_valid():
            return branches
        bounds = self.filterset.bounds(self.sort)
        if not bounds or self.counted[0] <= FREQUENT:
            return branches
        return [branch.filter(**each) for branch in branches for each in bounds]
