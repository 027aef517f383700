"""Filters of the chart of accounts."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet, visible_choices
from sales.models import Account, Agency


class AccountFilterSet(FilterSet):
    """What accounts can be narrowed by."""

    agency = django_filters.ModelChoiceFilter(label=_("Agency"), queryset=visible_choices(Agency))
    role = django_filters.ChoiceFilter(label=_("Used for"), choices=Account.Role.choices)

    class Meta:
        model = Account
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Accounts are few: the search looks at numbers and inside labels."""
        return queryset.filter(Q(number__startswith=value) | Q(label__icontains=value))
