"""Filters of activities."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.filters.client import OfClientFilter
from crm.filters.deal import DealOwnerFilter
from crm.filters.owner import TeamFilter
from crm.models import Activity, Company, Contact, Deal
from digiweb.filters import FilterSet, LookupFilter, visible_choices


class ActivityFilterSet(FilterSet):
    """What activities can be narrowed by; list, calendar, export and API share it."""

    kind = django_filters.ChoiceFilter(label=_("Type"), choices=Activity.Kind.choices)
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Activity.Status.choices)
    late = django_filters.ChoiceFilter(label=_("Overdue"), choices=[("yes", _("Yes"))], method="by_late")
    priority = django_filters.ChoiceFilter(label=_("Priority"), choices=Activity.Priority.choices)
    owner = DealOwnerFilter(label=_("Assigned salesperson"), module="crm.activity")
    team = TeamFilter(label=_("Team"), module="crm.activity", field_name="owner")
    contact = LookupFilter(
        label=_("Contact"), queryset=visible_choices(Contact), lookup_url="crm:contact_lookup"
    )
    company = LookupFilter(
        label=_("Company"), queryset=visible_choices(Company), lookup_url="crm:company_lookup"
    )
    client = OfClientFilter()
    deal = LookupFilter(label=_("Deal"), queryset=visible_choices(Deal), lookup_url="crm:deal_lookup")
    on = django_filters.DateFromToRangeFilter(label=_("Date"), field_name="starts_at")
    done = django_filters.DateFromToRangeFilter(label=_("Done on"), field_name="done_at")

    class Meta:
        model = Activity
        fields: list[str] = []

    def by_late(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(status=Activity.Status.PLANNED, starts_at__lt=timezone.now())
