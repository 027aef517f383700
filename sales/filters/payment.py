"""Filters of payments (« règlements »)."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.filters.owner import OwnerFilter, TeamFilter
from crm.models import Client
from digiweb.filters import FilterSet, LookupFilter, visible_choices
from sales.filters.invoice import YES, agencies
from sales.models import Contract, Invoice, Payment


class PaymentFilterSet(FilterSet):
    """What payments can be narrowed by; list, tabs of other records, export and API share it."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Payment.Kind.choices)
    unmatched = django_filters.ChoiceFilter(label=_("Left to match"), choices=YES, method="by_left")
    method = django_filters.ChoiceFilter(label=_("Payment method"), choices=Contract.PaymentMethod.choices)
    agency = django_filters.ModelChoiceFilter(label=_("Agency"), queryset=agencies)
    client = LookupFilter(label=_("Client"), queryset=visible_choices(Client), lookup_url="crm:client_lookup")
    invoice = LookupFilter(
        label=_("Invoice"),
        queryset=visible_choices(Invoice),
        lookup_url="sales:invoice_lookup",
        field_name="matches__invoice",
    )
    owner = OwnerFilter(label=_("Salesperson"), module="sales.payment")
    team = TeamFilter(label=_("Team"), module="sales.payment", field_name="owner")
    received = django_filters.DateFromToRangeFilter(label=_("Date"), method="by_day")

    class Meta:
        model = Payment
        fields: list[str] = []

    def by_left(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(left__gt=0)

    def by_day(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        if value.start is not None:
            queryset = queryset.filter(received_on__gte=value.start.date())
        if value.stop is not None:
            queryset = queryset.filter(received_on__lte=value.stop.date())
        return queryset
