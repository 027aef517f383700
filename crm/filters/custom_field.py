"""Filters of custom fields, for the API."""

import django_filters
from django.utils.translation import gettext_lazy as _

from crm.models import CustomField
from digiweb.filters import FilterSet
from digiweb.fulltext import fold

STATES = [(state.value, state.label) for state in (CustomField.State.ACTIVE, CustomField.State.ARCHIVED)]


class CustomFieldFilterSet(FilterSet):
    """Fields are few: the search looks inside their labels."""

    subject = django_filters.ChoiceFilter(label=_("Shown on"), choices=CustomField.Subject.choices)
    kind = django_filters.ChoiceFilter(label=_("Kind of value"), choices=CustomField.Kind.choices)
    state = django_filters.ChoiceFilter(label=_("State"), choices=STATES)

    class Meta:
        model = CustomField
        fields: list[str] = []

    def search(self, queryset, name, value):  # type: ignore[no-untyped-def]
        return queryset.filter(label__icontains=value) if fold(value) else queryset
