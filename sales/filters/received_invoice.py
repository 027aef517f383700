"""Filters of received invoices."""

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Company
from digiweb.filters import FilterSet, LookupFilter, visible_choices
from sales.models import ReceivedInvoice
from sales.models.document import NO_DAY


class ReceivedInvoiceFilterSet(FilterSet):
    """What received invoices can be narrowed by; list, tab of companies, export and API share it."""

    status = django_filters.MultipleChoiceFilter(
        label=_("Status"), choices=ReceivedInvoice.Status.choices, widget=forms.CheckboxSelectMultiple
    )
    late = django_filters.ChoiceFilter(
        label=pgettext_lazy("late payment", "Late"), choices=[("yes", _("Yes"))], method="by_late"
    )
    company = LookupFilter(
        label=_("Company"), queryset=visible_choices(Company), lookup_url="crm:company_lookup"
    )
    siren = django_filters.CharFilter(label=_("SIREN of the supplier"), max_length=11, method="by_siren")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=ReceivedInvoice.Kind.choices)
    rules = django_filters.ChoiceFilter(label=_("Rules of the reform"), choices=ReceivedInvoice.Rules.choices)
    issued = django_filters.DateFromToRangeFilter(label=_("Issued"), field_name="issued_on")
    due = django_filters.DateFromToRangeFilter(label=_("Due"), method="by_due")
    amount = django_filters.RangeFilter(label=_("Amount with tax"), field_name="gross")

    class Meta:
        model = ReceivedInvoice
        fields: list[str] = []

    def by_late(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Still to be paid, and the day has passed."""
        late = {"due_key__lt": timezone.localdate(), "due__gt": 0}
        return queryset.filter(status__in=ReceivedInvoice.OPEN, **late)

    def by_siren(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(supplier_key="".join(value.split()))

    def by_due(self, queryset: QuerySet, name: str, value: slice) -> QuerySet:
        """Without a day an invoice is in no span."""
        if value.start is not None:
            queryset = queryset.filter(due_key__gte=value.start.date())
        if value.stop is not None:
            queryset = queryset.filter(due_key__lte=value.stop.date())
        return queryset.filter(due_key__lt=NO_DAY) if value.start or value.stop else queryset
