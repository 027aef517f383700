"""Filters of clients."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.filters.owner import OwnerFilter
from crm.models import Client, Company, Contact
from crm.models.client import NO_DATE
from digiweb.filters import FilterSet, LookupFilter, visible_choices

PASSED = "passed"
DUE = (
    ("30", _("Within 30 days")),
    ("60", _("Within 60 days")),
    ("90", _("Within 90 days")),
    (PASSED, _("Date passed")),
)


class ClientFilterSet(FilterSet):
    """What clients can be narrowed by; list, export and API share it."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=Client.Status.choices)
    owner = OwnerFilter(label=_("Assigned salesperson"), module="crm.client")
    company = LookupFilter(
        label=_("Company"), queryset=visible_choices(Company), lookup_url="crm:company_lookup"
    )
    contact = LookupFilter(
        label=_("Contact"), queryset=visible_choices(Contact), lookup_url="crm:contact_lookup"
    )
    mrr = django_filters.RangeFilter(label=_("Monthly revenue (€)"))
    due = django_filters.ChoiceFilter(label=_("Renewal"), choices=DUE, method="by_due")
    renewal = django_filters.DateFromToRangeFilter(
        label=_("Renewal date"), field_name="renewal_on", method="by_renewal"
    )
    health = django_filters.RangeFilter(label=_("Health"))
    idle = django_filters.ChoiceFilter(
        label=_("Next activity"),
        choices=[("yes", _("Nothing planned")), ("no", _("Something planned"))],
        method="by_idle",
    )
    signed = django_filters.DateFromToRangeFilter(label=_("Client since"), field_name="signed_on")

    class Meta:
        model = Client
        fields: list[str] = []

    def by_due(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By the key of the sort, which has the indexes."""
        today = timezone.localdate()
        if value == PASSED:
            return queryset.filter(renewal_key__lt=today)
        return queryset.filter(renewal_key__gte=today, renewal_key__lte=today + timedelta(days=int(value)))

    def by_renewal(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        """The same; clients without a date are outside every range."""
        queryset = queryset.filter(renewal_key__lt=NO_DATE)
        if value.start is not None:
            queryset = queryset.filter(renewal_key__gte=value.start.date())
        if value.stop is not None:
            queryset = queryset.filter(renewal_key__lte=value.stop.date())
        return queryset

    def by_idle(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(next_activity_at__isnull=value == "yes")


class OfClientFilter(LookupFilter):
    """What belongs to a client's company or person: activities, deals.

    A client's company takes the place of its person: their affairs are the company's.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Client"), queryset=visible_choices(Client), lookup_url="crm:client_lookup", **kwargs
        )

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        if value is None or value == "":
            return queryset
        if value.company_id:
            return queryset.filter(company=value.company_id)
        return queryset.filter(contact=value.contact_id)
