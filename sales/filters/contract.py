"""Filters of contracts."""

import re
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filters.owner import OwnerFilter, TeamFilter
from crm.models import Company, Contact
from digiweb.filters import LookupFilter, visible_choices
from sales.filters.statuses import StatusFilterSet
from sales.models import Contract, Offer
from sales.models.contract import NO_DATE
from sales.services.contract import clients_named_by_contracts


def clients(request: Any) -> QuerySet:
    return clients_named_by_contracts(request.user if request is not None else None)


class MonthField(forms.CharField):
    """A month as addresses write it: `2026-11`."""

    widget = forms.TextInput(attrs={"type": "month", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        found = re.fullmatch(r"(19|20|21)([0-9]{2})-(0[1-9]|1[0-2])", text)
        if found is None:
            raise ValidationError(_("Give a month such as 2026-11."), code="invalid")
        return date(int(text[:4]), int(text[5:]), 1)


class MonthFilter(django_filters.Filter):
    """`month=2026-11`: the days of that month."""

    field_class = MonthField


class ContractFilterSet(StatusFilterSet):
    """What contracts can be narrowed by; list, tabs of other records, export and API share it."""

    status = django_filters.MultipleChoiceFilter(
        label=_("Status"),
        choices=Contract.Status.choices,
        widget=forms.CheckboxSelectMultiple,
        method="by_statuses",
    )
    owner = OwnerFilter(label=_("Salesperson"), module="sales.contract")
    team = TeamFilter(label=_("Team"), module="sales.contract", field_name="owner")
    client = LookupFilter(label=_("Client"), queryset=clients, lookup_url="crm:client_lookup")
    company = LookupFilter(
        label=_("Company"),
        queryset=visible_choices(Company),
        lookup_url="crm:company_lookup",
        field_name="client__company",
    )
    contact = LookupFilter(
        label=_("Contact"),
        queryset=visible_choices(Contact),
        lookup_url="crm:contact_lookup",
        field_name="client__contact",
    )
    offer = django_filters.ModelChoiceFilter(label=_("Offer"), queryset=visible_choices(Offer))
    without_offer = django_filters.ChoiceFilter(
        label=_("Without an offer"), choices=[("yes", _("Yes"))], method="by_no_offer"
    )
    signed = django_filters.DateFromToRangeFilter(label=_("Signed"), method="by_signed")
    unsigned = django_filters.ChoiceFilter(
        label=_("Not signed yet"), choices=[("yes", _("Yes"))], method="by_unsigned"
    )
    month = MonthFilter(label=_("Signed in the month of"), method="by_month")
    ends = django_filters.DateFromToRangeFilter(label=pgettext_lazy("contract", "End"), field_name="ends_on")
    payment_method = django_filters.ChoiceFilter(
        label=_("Payment method"), choices=Contract.PaymentMethod.choices
    )
    absent = django_filters.ChoiceFilter(
        label=_("Absent from the source"), choices=[("yes", _("Yes")), ("no", _("No"))], method="by_absent"
    )

    class Meta:
        model = Contract
        fields: list[str] = []

    def by_signed(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        """By the key of the sort, which has the indexes; what is not signed is outside every range."""
        queryset = queryset.filter(signed_key__gt=NO_DATE)
        if value.start is not None:
            queryset = queryset.filter(signed_key__gte=value.start.date())
        if value.stop is not None:
            queryset = queryset.filter(signed_key__lte=value.stop.date())
        return queryset

    def by_unsigned(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(signed_key=NO_DATE)

    def by_month(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        after = date(value.year + value.month // 12, value.month % 12 + 1, 1)
        return queryset.filter(signed_key__gte=value, signed_key__lt=after)

    def by_no_offer(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(offer=None)

    def by_absent(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(absent_since__isnull=value == "no")
