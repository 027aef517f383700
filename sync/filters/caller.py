"""Filters of unknown calls."""

import re
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet
from people.models import User
from sync.models import Caller


def answering(request: Any) -> QuerySet:
    """The people whose calls one sees."""
    people: QuerySet = User.objects.within_reach(request.user, Caller.module, "view")
    return people


class CallerFilterSet(FilterSet):
    """By state, who answered and day of the last call; without a choice, what is to identify."""

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=[choice for choice in Caller.State.choices if choice[0] != "known"]
    )
    person = django_filters.ModelChoiceFilter(
        label=_("Answered by"), field_name="last_person", queryset=answering
    )
    called = django_filters.DateFromToRangeFilter(label=_("Last call"), field_name="last_call_at")

    class Meta:
        model = Caller
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        chosen = self.form.cleaned_data.get("state")
        return rows if chosen else rows.filter(state=Caller.State.UNKNOWN)

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """A piece of a number, as it is dialled at home or from abroad."""
        digits = re.sub(r"\D", "", value)
        if not digits:
            return queryset.none()
        return queryset.filter(number__contains=digits.removeprefix("00").removeprefix("0") or "0")
