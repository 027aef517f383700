"""Filters of subscriptions."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filters.owner import OwnerFilter
from crm.models import Client, Company, Contact
from digiweb.filters import FilterSet, LookupFilter, visible_choices
from sales.filters.bank_account import clients_named
from sales.models import Offer, Subscription


class SubscriptionFilterSet(FilterSet):
    """What subscriptions can be narrowed by; list, tab of the client, export and API share it."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=Subscription.Status.choices)
    client = LookupFilter(label=_("Client"), queryset=visible_choices(Client), lookup_url="crm:client_lookup")
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
    owner = OwnerFilter(label=_("Salesperson"), module="sales.subscription", field_name="owner_id")
    started = django_filters.DateFromToRangeFilter(
        label=pgettext_lazy("contract", "Start"), field_name="started_on"
    )
    ends = django_filters.DateFromToRangeFilter(label=pgettext_lazy("contract", "End"), field_name="ended_on")

    class Meta:
        model = Subscription
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Within the label, or by the words of the client."""
        return queryset.filter(Q(label__icontains=value.strip()) | Q(client__in=clients_named(self, value)))
