"""Filters of bank statements."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet
from sales.filters.invoice import agencies
from sales.models import BankStatement


class StatementFilterSet(FilterSet):
    """By agency and by name."""

    agency = django_filters.ModelChoiceFilter(label=_("Agency"), queryset=agencies)

    class Meta:
        model = BankStatement
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(name__icontains=value.strip())
