"""Filters of recurring invoices."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.models import Client
from digiweb.filters import FilterSet, LookupFilter, visible_choices
from sales.filters.bank_account import clients_named
from sales.models import Agency, BillingPlan, Contract


class BillingPlanFilterSet(FilterSet):
    """What recurring invoices can be narrowed by; page, tab of the client, export and API share it."""

    due = django_filters.DateFilter(label=_("To be invoiced until"), field_name="next_on", lookup_expr="lte")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=BillingPlan.Status.choices)
    agency = django_filters.ModelChoiceFilter(label=_("Agency"), queryset=visible_choices(Agency))
    client = LookupFilter(label=_("Client"), queryset=visible_choices(Client), lookup_url="crm:client_lookup")
    period = django_filters.ChoiceFilter(label=_("Period"), choices=BillingPlan.Period.choices)
    payment_method = django_filters.ChoiceFilter(
        label=_("Payment method"), choices=Contract.PaymentMethod.choices
    )
    faulty = django_filters.ChoiceFilter(
        label=_("Last attempt"), choices=[("yes", _("With a fault")), ("no", _("Without"))], method="by_fault"
    )

    class Meta:
        model = BillingPlan
        fields: list[str] = []

    def by_fault(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.exclude(fault="") if value == "yes" else queryset.filter(fault="")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By the subscription's label or the contract's reference, or by the words of the client."""
        words = value.strip()
        found = Q(subscription__label__icontains=words) | Q(contract__reference__icontains=words)
        return queryset.filter(found | Q(client__in=clients_named(self, value)))
