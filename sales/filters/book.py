"""Filters of the lines of the books."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Client
from digiweb.filters import FilterSet, LookupFilter, visible_choices
from sales.models import Agency, BookEntry, BookLine


class BookLineFilterSet(FilterSet):
    """What lines of the books can be narrowed by; list, tab of a client, export and API share it."""

    agency = django_filters.ModelChoiceFilter(label=_("Agency"), queryset=visible_choices(Agency))
    journal = django_filters.ChoiceFilter(label=_("Journal"), choices=BookEntry.Journal.choices)
    account = django_filters.CharFilter(
        label=_("Account (first digits)"), lookup_expr="startswith", max_length=12
    )
    client = LookupFilter(label=_("Client"), queryset=visible_choices(Client), lookup_url="crm:client_lookup")
    period = django_filters.DateFromToRangeFilter(label=_("Date"), field_name="entry_on")
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[
            ("closed", pgettext_lazy("entry", "Closed")),
            ("open", pgettext_lazy("entry", "Provisional")),
        ],
        method="by_state",
    )

    class Meta:
        model = BookLine
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By what the number of the document begins with."""
        return queryset.filter(entry__piece__startswith=value)

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(entry__number__isnull=value == "open")
