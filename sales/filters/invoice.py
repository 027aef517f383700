"""Filters of invoices."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.filters.owner import OwnerFilter, TeamFilter
from crm.models import Client, Company, Deal
from digiweb.filters import FilterSet, LookupFilter, visible_choices
from digiweb.paging import Sort
from sales.filters.days import by_day
from sales.models import Agency, Invoice, Quote
from sales.models.document import NO_DAY

YES = [("yes", _("Yes"))]


def agencies(request: Any) -> QuerySet:
    """All in sight: invoices of an agency that is out of use are looked for too."""
    user = request.user if request is not None else None
    agencies: QuerySet = Agency.objects.visible_to(user).order_by("sort_name", "pk")
    return agencies


class InvoiceFilterSet(FilterSet):
    """What invoices can be narrowed by; list, tabs of other records, export and API share it."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=Invoice.Status.choices)
    settlement = django_filters.MultipleChoiceFilter(
        label=_("Payment"),
        choices=Invoice.Settlement.choices,
        widget=forms.CheckboxSelectMultiple,
        method="by_settlements",
    )
    overdue = django_filters.ChoiceFilter(label=_("Overdue"), choices=YES, method="by_overdue")
    disputed = django_filters.ChoiceFilter(label=_("Disputed"), choices=YES, method="by_disputed")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Invoice.Kind.choices)
    owner = OwnerFilter(label=_("Salesperson"), module="sales.invoice")
    team = TeamFilter(label=_("Team"), module="sales.invoice", field_name="owner")
    client = LookupFilter(label=_("Client"), queryset=visible_choices(Client), lookup_url="crm:client_lookup")
    company = LookupFilter(
        label=_("Company"), queryset=visible_choices(Company), lookup_url="crm:company_lookup"
    )
    deal = LookupFilter(label=_("Deal"), queryset=visible_choices(Deal), lookup_url="crm:deal_lookup")
    quote = LookupFilter(label=_("Quote"), queryset=visible_choices(Quote), lookup_url="sales:quote_lookup")
    agency = django_filters.ModelChoiceFilter(label=_("Agency"), queryset=agencies)
    issued = django_filters.DateFromToRangeFilter(label=_("Issued"), method="by_issued")
    due = django_filters.DateFromToRangeFilter(label=_("Due"), method="by_due")

    class Meta:
        model = Invoice
        fields: list[str] = []

    # --- Days

    def in_order(self, sort: Sort, branches: Sequence[QuerySet]) -> Sort:
        """Within days, the newest are those of the last day (see QuoteFilterSet)."""
        return by_day(sort, self.form.cleaned_data, {"issued": "issued_key", "due": "due_key"})

    def bounds(self, sort: Sort) -> list[dict[str, Any]]:
        """What follows for the column that leads `sort`, in parts that have no row in common.

        No issued invoice is due before it is issued (constraint `sales_invoice_due_after`), a draft has no
        day of issue, and a credit note is never due.
        """
        asked = self.form.cleaned_data
        issued, due = asked.get("issued"), asked.get("due")
        if sort.fields[0] == "due_key" and asked.get("kind") == Invoice.Kind.CREDIT_NOTE:
            return [{"due_key__gte": NO_DAY}]
        if sort.fields[0] == "due_key" and issued and issued.start:
            return [{"due_key__gte": issued.start.date()}]
        if sort.fields[0] == "issued_key" and due and due.stop:
            return [
                {"status": Invoice.Status.ISSUED, "issued_key__lte": due.stop.date()},
                {"status": Invoice.Status.DRAFT, "issued_key__gte": NO_DAY},
            ]
        return []

    # --- Settlements: a branch each, so that an index gives each in the order of the page

    def settlements(self) -> list[str]:
        """The settlements that are asked for; none for all. Overdue is what is not all paid."""
        if not self.is_valid():
            return []
        asked = list(self.form.cleaned_data.get("settlement") or [])
        if self.form.cleaned_data.get("overdue"):
            unpaid = [str(each) for each in Invoice.UNPAID]
            asked = [each for each in asked if each in unpaid] if asked else unpaid
            return asked or ["-"]
        return asked

    def filter_branches(self, branches: Sequence[QuerySet], whole: QuerySet) -> list[QuerySet]:
        settlements = self.settlements()
        if not settlements:
            return super().filter_branches(branches, whole)
        filtered = [super(InvoiceFilterSet, self).filter_queryset(branch) for branch in branches]
        if len(filtered) > 1 and self.words is not None and self.words.indexed:
            filtered = [super().filter_queryset(whole)]
        return [branch.filter(settlement=each) for each in settlements for branch in filtered]

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        queryset = super().filter_queryset(queryset)
        settlements = self.settlements()
        return queryset.filter(settlement__in=settlements) if settlements else queryset

    def by_settlements(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset  # `settlements` sees to it

    def by_overdue(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(due_key__lt=timezone.localdate())

    def by_disputed(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(disputed__gt="")

    def by_issued(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return self._between(queryset, "issued_key", value).filter(status=Invoice.Status.ISSUED)

    def by_due(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return self._between(queryset, "due_key", value)

    def _between(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        if value.start is not None:
            queryset = queryset.filter(**{f"{name}__gte": value.start.date()})
        if value.stop is not None:
            queryset = queryset.filter(**{f"{name}__lte": value.stop.date()})
        return queryset
