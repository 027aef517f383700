"""Filters of batches of direct debits."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet, visible_choices
from sales.models import Agency, DebitBatch
from sales.services.debit_due import batches_with


class DebitBatchFilterSet(FilterSet):
    """What batches can be narrowed by."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=DebitBatch.Status.choices)
    agency = django_filters.ModelChoiceFilter(label=_("Agency"), queryset=visible_choices(Agency))
    day = django_filters.DateFromToRangeFilter(label=_("Collection day"), field_name="collect_on")

    class Meta:
        model = DebitBatch
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Within the reference of the batch, or of one of its collections."""
        words = value.strip()
        return queryset.filter(Q(reference__icontains=words) | Q(pk__in=batches_with(words)))
