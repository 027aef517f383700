"""Filters of the stages of reminders and of the rates of penalties."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet, visible_choices
from sales.models import Agency, PenaltyRate, ReminderStage


class ReminderStageFilterSet(FilterSet):
    """What stages can be narrowed by."""

    agency = django_filters.ModelChoiceFilter(label=_("Agency"), queryset=visible_choices(Agency))
    active = django_filters.ChoiceFilter(
        label=_("State"), choices=[("yes", _("In use")), ("no", _("Out of use"))], method="by_active"
    )

    class Meta:
        model = ReminderStage
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Stages are few: the search looks inside their names."""
        return queryset.filter(name__icontains=value)

    def by_active(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(is_active=value == "yes")


class PenaltyRateFilterSet(FilterSet):
    """What rates can be narrowed by."""

    kind = django_filters.ChoiceFilter(label=_("Rate"), choices=PenaltyRate.Kind.choices)

    class Meta:
        model = PenaltyRate
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(source__icontains=value)
