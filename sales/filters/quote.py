"""Filters of quotes."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.filters.owner import OwnerFilter
from crm.models import Client, Company, Deal
from digiweb.filters import FilterSet, LookupFilter, visible_choices
from digiweb.paging import Sort
from sales.filters.days import by_day
from sales.invoice_figures import quotes_to_invoice
from sales.models import Quote
from sales.services.agency import agencies_in_use


def agencies(request: Any) -> QuerySet:
    return agencies_in_use()


class QuoteFilterSet(FilterSet):
    """What quotes can be narrowed by; list, tabs of other records, export and API share it."""

    status = django_filters.MultipleChoiceFilter(
        label=_("Status"),
        choices=Quote.Status.choices,
        widget=forms.CheckboxSelectMultiple,
        method="by_statuses",
    )
    owner = OwnerFilter(label=_("Salesperson"), module="sales.quote")
    client = LookupFilter(label=_("Client"), queryset=visible_choices(Client), lookup_url="crm:client_lookup")
    company = LookupFilter(
        label=_("Company"), queryset=visible_choices(Company), lookup_url="crm:company_lookup"
    )
    deal = LookupFilter(label=_("Deal"), queryset=visible_choices(Deal), lookup_url="crm:deal_lookup")
    agency = django_filters.ModelChoiceFilter(label=_("Agency"), queryset=agencies)
    quoted = django_filters.DateFromToRangeFilter(label=_("Date"), field_name="quoted_key")
    until = django_filters.DateFromToRangeFilter(label=_("Valid until"), field_name="valid_until")

    to_invoice = django_filters.ChoiceFilter(
        label=_("Left to invoice"), choices=[("yes", _("Yes"))], method="by_left"
    )

    class Meta:
        model = Quote
        fields: list[str] = []

    def by_left(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        """Accepted, and not all of it is invoiced (SPEC N4)."""
        return queryset.filter(pk__in=quotes_to_invoice())

    # --- Days

    def in_order(self, sort: Sort, branches: Sequence[QuerySet]) -> Sort:
        """Within days, the newest are those of the last day: an index has them in one piece, where numbers
        would be walked through from the newest to the days that are meant.
        """
        return by_day(sort, self.form.cleaned_data, {"quoted": "quoted_key", "until": "valid_until"})

    def bounds(self, sort: Sort) -> list[dict[str, Any]]:
        """What follows for the column that leads `sort`, since no quote ends before its day: there the walk
        begins (constraint `sales_quote_valid_after`).
        """
        quoted, until = (self.form.cleaned_data.get(name) for name in ("quoted", "until"))
        if sort.fields[0] == "valid_until" and quoted and quoted.start:
            return [{"valid_until__gte": quoted.start.date()}]
        if sort.fields[0] == "quoted_key" and until and until.stop:
            return [{"quoted_key__lte": until.stop.date()}]
        return []

    # --- Statuses: a branch each, so that an index gives each in the order of the page

    def statuses(self) -> list[str]:
        """The statuses that are asked for; none for all."""
        return list(self.form.cleaned_data.get("status") or []) if self.is_valid() else []

    def filter_branches(self, branches: Sequence[QuerySet], whole: QuerySet) -> list[QuerySet]:
        statuses = self.statuses()
        if not statuses:
            return super().filter_branches(branches, whole)
        filtered = [super(QuoteFilterSet, self).filter_queryset(branch) for branch in branches]
        if len(filtered) > 1 and self.words is not None and self.words.indexed:
            filtered = [super().filter_queryset(whole)]
        return [branch.filter(status=status) for status in statuses for branch in filtered]

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        queryset = super().filter_queryset(queryset)
        statuses = self.statuses()
        return queryset.filter(status__in=statuses) if statuses else queryset

    def by_statuses(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset  # `statuses` sees to it
