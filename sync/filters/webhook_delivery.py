"""Filters of deliveries."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet
from sync.models import WebhookDelivery
from sync.webhooks import all_receivers


def services() -> list[tuple[str, Any]]:
    return [(receiver.provider, receiver.label) for receiver in all_receivers()]


class WebhookDeliveryFilterSet(FilterSet):
    """By service, state and day; the search looks at events and numbers, never into bodies."""

    provider = django_filters.ChoiceFilter(label=_("Service"), choices=services)
    state = django_filters.ChoiceFilter(label=_("State"), choices=WebhookDelivery.State.choices)
    received = django_filters.DateFromToRangeFilter(label=_("Received on"), field_name="created_at")

    class Meta:
        model = WebhookDelivery
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        text = value.strip()
        return queryset.filter(Q(event__icontains=text) | Q(about__istartswith=text))
