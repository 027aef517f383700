"""Filters of lists. The page, its export, its bulk actions and the API use the same FilterSet."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.fields import DateRangeField

from digiweb.fields import validate_day
from digiweb.forms import LookupField, style_fields
from digiweb.fulltext import WordSearch, plan_search
from digiweb.hints import index_by_value
from digiweb.paging import Sort


class FilterSet(django_filters.FilterSet):
    """Base of every FilterSet: knows the person (choices are within their sight) and `q`."""

    # Whether it narrows the rows even when nothing is asked for (only what is still to be looked at).
    always = False

    q = django_filters.CharFilter(label=_("Search"), method="search", max_length=200)

    def __init__(self, data: Any = None, queryset: Any = None, *, request: Any = None, **kwargs: Any) -> None:
        super().__init__(data, queryset, request=request, **kwargs)
        self.user = request.user if request is not None else None
        # How `q` is looked for: planned once, for all branches of a scope.
        self.words: WordSearch | None = None

    @property
    def form(self) -> forms.Form:
        if not hasattr(self, "_form"):
            form = super().form
            style_fields(form)
            for field in form.fields.values():
                if isinstance(field, DateRangeField):
                    for end in field.fields:
                        end.validators.append(validate_day)
            self._form = form
        return self._form  # type: ignore[no-any-return]

    def in_force(self) -> list[str]:
        """The names of the filters that something is asked of, `q` too; none while a value is wrong."""
        if not self.is_valid():
            return []
        data = self.form.cleaned_data
        return [name for name in self.form.fields if not _is_empty(data.get(name))]

    def filter_branches(self, branches: Sequence[QuerySet], whole: QuerySet) -> list[QuerySet]:
        """Each branch of a scope, filtered; `whole` filtered, where the full-text index leads.

        That index answers for all owners at once: asked once a branch, it would do its work again for each.
        """
        filtered = [self.filter_queryset(branch) for branch in branches]
        if len(filtered) > 1 and self.words is not None and self.words.indexed:
            return [self.filter_queryset(whole)]
        return filtered

    def filter_portions(self, portions: Sequence[QuerySet], whole: QuerySet) -> list[QuerySet]:
        """Each portion of a scope, filtered, to be counted: no order is asked of them."""
        return self.filter_branches(portions, whole)

    def in_order(self, sort: Sort, branches: Sequence[QuerySet]) -> Sort:
        """`sort` as `branches`, this set's, are read best where the days of entry are narrowed.

        Numbers follow time, so by day and by number is the same order; the index by day has just the rows in
        question, where the numbers would be walked through from the newest to the days that are meant. So it
        is with those that have few values, such as scores, within each (digiweb/hints.py).
        """
        if "created" not in self.filters or not self.form.cleaned_data.get("created"):
            return sort
        day = replace(sort, fields=(*sort.fields[:-1], self.filters["created"].field_name, sort.fields[-1]))
        return day if sort.fields == ("id",) or index_by_value(branches[0], day.fields) else sort

    @classmethod
    def named(cls, parameter: str) -> str:
        """A parameter of the API as the form names it."""
        return parameter

    @classmethod
    def more_parameters(cls) -> Iterator[tuple[str, dict[str, Any], str]]:
        """(name, JSON schema, description) of parameters that are no declared filter, for the API."""
        yield from ()

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if self.words is None:
            self.words = plan_search(queryset.model, value)
        return queryset.filter(search_text__words=self.words)


def visible_choices(model: Any) -> Any:
    """For a ModelChoiceFilter: the rows of `model` that the asking person may see."""

    def queryset(request: Any) -> QuerySet:
        return model.objects.visible_to(request.user) if request is not None else model.objects.none()  # type: ignore[no-any-return]

    return queryset


class LookupFilter(django_filters.ModelChoiceFilter):
    """A filter by one record among many, chosen while typing."""

    field_class = LookupField


def _is_empty(value: Any) -> bool:
    """Nothing asked for; 0 and False are something."""
    return value in (None, "", []) or (hasattr(value, "exists") and not value)
