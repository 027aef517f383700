"""Lists that are narrowed to some of a few statuses: a branch each, so that an index gives each in order."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from digiweb.filters import FilterSet


class StatusFilterSet(FilterSet):
    """Its filter `status` is a MultipleChoiceFilter with `method="by_statuses"`."""

    def statuses(self) -> list[str]:
        """The statuses that are asked for; none for all."""
        return list(self.form.cleaned_data.get("status") or []) if self.is_valid() else []

    def filter_branches(self, branches: Sequence[QuerySet], whole: QuerySet) -> list[QuerySet]:
        statuses = self.statuses()
        if not statuses:
            return super().filter_branches(branches, whole)
        filtered = [super(StatusFilterSet, self).filter_queryset(branch) for branch in branches]
        if len(filtered) > 1 and self.words is not None and self.words.indexed:
            filtered = [super().filter_queryset(whole)]
        return [branch.filter(status=status) for status in statuses for branch in filtered]

    def filter_portions(self, portions: Sequence[QuerySet], whole: QuerySet) -> list[QuerySet]:
        """All statuses at once: counted apart, each would be counted up to the limit of the whole."""
        return super().filter_branches(portions, whole)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        queryset = super().filter_queryset(queryset)
        statuses = self.statuses()
        if len(statuses) == 1:
            return queryset.filter(status=statuses[0])
        return queryset.filter(status__in=statuses) if statuses else queryset

    def by_statuses(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset  # `statuses` sees to it
