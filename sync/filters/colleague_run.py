"""Filters of the import's runs and of its conflicts."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet
from digiweb.numbers import whole_number
from people.models import User
from sync.models import ColleagueConflict, ColleagueRun


def starters(request: Any) -> QuerySet:
    """Who has started a run by hand, of those that the asking person sees."""
    if request is None:
        return User.objects.none()  # type: ignore[no-any-return]
    runs = ColleagueRun.objects.visible_to(request.user).filter(user__isnull=False)
    people = User.objects.within_reach(request.user, ColleagueRun.module, "view")
    return people.filter(pk__in=runs.order_by().values("user"))  # type: ignore[no-any-return]


class ColleagueRunFilterSet(FilterSet):
    """By state, by who started it, by day; the search looks for a run's number."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=ColleagueRun.State.choices)
    origin = django_filters.ChoiceFilter(label=_("Started by"), choices=ColleagueRun.Origin.choices)
    user = django_filters.ModelChoiceFilter(label=_("Person"), queryset=starters)
    started = django_filters.DateFromToRangeFilter(label=_("Day"), field_name="created_at")

    class Meta:
        model = ColleagueRun
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        number = whole_number(value.strip())
        return queryset.filter(pk=number) if number is not None else queryset.none()


class ColleagueConflictFilterSet(FilterSet):
    """By state; the search looks at names, addresses and numbers."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=ColleagueConflict.State.choices)

    class Meta:
        model = ColleagueConflict
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        text = value.strip()
        return queryset.filter(
            Q(name__icontains=text) | Q(email__istartswith=text) | Q(phone__contains=text.lstrip("0"))
        )
