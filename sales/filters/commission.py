"""Filters of commission statements, their lines and rates."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filters.owner import OwnerFilter
from digiweb.filters import FilterSet, LookupFilter, visible_choices
from digiweb.fulltext import fold
from people.models import User
from sales.models import CommissionLine, CommissionRate, CommissionStatement, Contract, Offer


def colleagues(request: Any) -> QuerySet:
    """Whoever sees rates sees everybody's."""
    user = request.user if request is not None else None
    people: QuerySet = User.objects.within_reach(user, CommissionRate.module, "view")
    return people


class CommissionFilterSet(FilterSet):
    """What statements can be narrowed by; list, export and API share it."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=CommissionStatement.Status.choices)
    person = OwnerFilter(label=_("Salesperson"), module="sales.commission", field_name="person_id")
    month = django_filters.DateFromToRangeFilter(label=_("Month"), field_name="month")

    class Meta:
        model = CommissionStatement
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By number or person: there are a few a month."""
        words = fold(value).strip()
        return queryset.filter(Q(number__icontains=value.strip()) | Q(person__sort_name__contains=words))


class CommissionLineFilterSet(FilterSet):
    """What lines of statements can be narrowed by."""

    statement = django_filters.ModelChoiceFilter(
        label=_("Statement"), queryset=visible_choices(CommissionStatement)
    )
    kind = django_filters.MultipleChoiceFilter(label=_("Kind"), choices=CommissionLine.Kind.choices)
    cause = django_filters.ChoiceFilter(label=_("Cause"), choices=CommissionLine.Cause.choices)
    person = OwnerFilter(label=_("Salesperson"), module="sales.commission", field_name="person_id")
    contract = LookupFilter(
        label=_("Contract"), queryset=visible_choices(Contract), lookup_url="sales:contract_lookup"
    )
    month = django_filters.DateFromToRangeFilter(label=_("Month"), field_name="month")
    sold = django_filters.DateFromToRangeFilter(
        label=pgettext_lazy("commission", "Sold"), field_name="sold_on"
    )

    class Meta:
        model = CommissionLine
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(label__icontains=value.strip())


class CommissionRateFilterSet(FilterSet):
    """What rates can be narrowed by."""

    offer = django_filters.ModelChoiceFilter(label=_("Offer"), queryset=visible_choices(Offer))
    person = django_filters.ModelChoiceFilter(label=_("Salesperson"), queryset=colleagues)
    basis = django_filters.ChoiceFilter(label=_("Basis"), choices=CommissionRate.Basis.choices)

    class Meta:
        model = CommissionRate
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        words = fold(value).strip()
        return queryset.filter(Q(offer__name__icontains=value.strip()) | Q(person__sort_name__contains=words))
