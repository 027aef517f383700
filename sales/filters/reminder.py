"""Filters of reminders, to come and gone."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.filters.owner import OwnerFilter
from crm.models import Client
from digiweb.filters import FilterSet, LookupFilter, visible_choices
from digiweb.fulltext import fold
from sales.filters.invoice import agencies
from sales.models import Invoice, Reminder, ReminderPlan


class OfInvoiceFilterSet(FilterSet):
    """What both lists are narrowed by: whose invoice it is."""

    owner = OwnerFilter(label=_("Salesperson"), module="sales.reminder", field_name="owner_id")
    client = LookupFilter(
        label=_("Client"),
        queryset=visible_choices(Client),
        lookup_url="crm:client_lookup",
        field_name="invoice__client",
    )
    invoice = LookupFilter(
        label=_("Invoice"), queryset=visible_choices(Invoice), lookup_url="sales:invoice_lookup"
    )
    agency = django_filters.ModelChoiceFilter(
        label=_("Agency"), queryset=agencies, field_name="invoice__agency"
    )

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """The client's name or the invoice's number: rows are those of what is owed."""
        words = value.strip()
        return queryset.filter(
            Q(sort_name__contains=fold(words).strip()) | Q(invoice__number__icontains=words)
        )

    def between(self, queryset: QuerySet, column: str, value: Any) -> QuerySet:
        if value.start is not None:
            queryset = queryset.filter(**{f"{column}__gte": value.start.date()})
        if value.stop is not None:
            queryset = queryset.filter(**{f"{column}__lte": value.stop.date()})
        return queryset


class ReminderPlanFilterSet(OfInvoiceFilterSet):
    """What reminders to come can be narrowed by."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=ReminderPlan.State.choices)
    leaves = django_filters.DateFromToRangeFilter(label=_("Leaves"), method="by_leaves")
    due = django_filters.DateFromToRangeFilter(label=_("Due"), method="by_due")

    class Meta:
        model = ReminderPlan
        fields: list[str] = []

    def by_leaves(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return self.between(queryset, "leaves_on", value)

    def by_due(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return self.between(queryset, "due_on", value)


class ReminderFilterSet(OfInvoiceFilterSet):
    """What reminders that went out can be narrowed by."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=Reminder.State.choices)
    formal = django_filters.ChoiceFilter(
        label=_("Formal notices"), choices=[("yes", _("Yes"))], method="by_formal"
    )
    day = django_filters.DateFromToRangeFilter(label=_("Day"), method="by_day")

    class Meta:
        model = Reminder
        fields: list[str] = []

    def by_formal(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(is_formal=True)

    def by_day(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return self.between(queryset, "claimed_on", value)
