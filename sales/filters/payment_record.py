"""Filters of payments."""

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filters.owner import OwnerFilter
from crm.models import Client
from digiweb.filters import LookupFilter, visible_choices
from sales.filters.bank_account import clients_named
from sales.filters.statuses import StatusFilterSet
from sales.models import Contract, PaymentRecord
from sales.models.contract import NO_DATE


class PaymentRecordFilterSet(StatusFilterSet):
    """What payments can be narrowed by; list, tabs of other records, export and API share it."""

    status = django_filters.MultipleChoiceFilter(
        label=_("Status"),
        choices=PaymentRecord.Status.choices,
        widget=forms.CheckboxSelectMultiple,
        method="by_statuses",
    )
    late = django_filters.ChoiceFilter(
        label=pgettext_lazy("late payment", "Late"), choices=[("yes", _("Yes"))], method="by_late"
    )
    client = LookupFilter(label=_("Client"), queryset=visible_choices(Client), lookup_url="crm:client_lookup")
    contract = LookupFilter(
        label=_("Contract"), queryset=visible_choices(Contract), lookup_url="sales:contract_lookup"
    )
    owner = OwnerFilter(label=_("Salesperson"), module="sales.paymentrecord", field_name="owner_id")
    method = django_filters.ChoiceFilter(label=_("Payment method"), choices=Contract.PaymentMethod.choices)
    paid = django_filters.DateFromToRangeFilter(label=_("Date"), method="by_day")
    amount = django_filters.RangeFilter(label=_("Amount"))

    class Meta:
        model = PaymentRecord
        fields: list[str] = []

    def by_late(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Awaited, and the day has passed."""
        late = {"status": PaymentRecord.Status.PENDING, "paid_key__lt": timezone.localdate()}
        return queryset.filter(**late, paid_key__gt=NO_DATE)

    def by_day(self, queryset: QuerySet, name: str, value: slice) -> QuerySet:
        """Without a day a payment is in no span."""
        if value.start is not None:
            queryset = queryset.filter(paid_key__gte=value.start.date())
        if value.stop is not None:
            queryset = queryset.filter(paid_key__lte=value.stop.date())
        return queryset.filter(paid_key__gt=NO_DATE) if value.start or value.stop else queryset

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        words = value.strip()
        return queryset.filter(Q(reference__icontains=words) | Q(client__in=clients_named(self, words)))
