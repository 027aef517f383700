"""Filters of mandates."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.models import Client
from digiweb.filters import FilterSet, LookupFilter, visible_choices
from sales.filters.bank_account import clients_named
from sales.models import Agency, Mandate


class MandateFilterSet(FilterSet):
    """What mandates can be narrowed by; page, tab of the client, export and API share it."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=Mandate.Status.choices)
    client = LookupFilter(label=_("Client"), queryset=visible_choices(Client), lookup_url="crm:client_lookup")
    agency = django_filters.ModelChoiceFilter(label=_("Agency"), queryset=visible_choices(Agency))
    scheme = django_filters.ChoiceFilter(label=_("Kind"), choices=Mandate.Scheme.choices)

    class Meta:
        model = Mandate
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Within the reference, or by the words of the client."""
        words = value.strip()
        return queryset.filter(Q(rum__icontains=words) | Q(client__in=clients_named(self, value)))
