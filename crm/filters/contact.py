"""Filters of contacts."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filters.contact_import import ImportedFilter
from crm.filters.custom_value import CustomFilterSet
from crm.filters.owner import OwnerFilter
from crm.models import Company, Contact, Tag
from digiweb.filters import LookupFilter, visible_choices

# In days; those with whom nothing was ever done are silent all the longer.
SILENT = (
    ("30", _("1 month")),
    ("90", _("3 months")),
    ("180", _("6 months")),
    ("365", _("1 year")),
    ("1095", _("3 years")),
    ("ever", _("ever")),
)


class ContactFilterSet(CustomFilterSet):
    """What contacts can be narrowed by; each filter has an index (DESIGN §3)."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=Contact.Status.choices)
    owner = OwnerFilter(label=_("Assigned salesperson"), module="crm.contact")
    company = LookupFilter(
        label=_("Company"), queryset=visible_choices(Company), lookup_url="crm:company_lookup"
    )
    city = django_filters.CharFilter(label=_("Town"), lookup_expr="same", max_length=120)
    source = django_filters.CharFilter(label=_("Source"), lookup_expr="same", max_length=60)
    tags = django_filters.ModelChoiceFilter(label=_("Tag"), queryset=visible_choices(Tag))
    created = django_filters.DateFromToRangeFilter(label=_("Added"), field_name="created_at")
    score = django_filters.RangeFilter(label=_("Quality"))
    rating = django_filters.ChoiceFilter(
        label=_("Rated at least"), choices=Contact.Rating.choices, method="rated"
    )
    silent = django_filters.ChoiceFilter(label=_("No contact for"), choices=SILENT, method="unheard_of")
    imported = ImportedFilter(label=pgettext_lazy("noun", "Import"))

    class Meta:
        model = Contact
        fields: list[str] = []

    def rated(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(rating__gte=int(value))

    def unheard_of(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        never = Q(last_contact_at__isnull=True)
        if value == "ever":
            return queryset.filter(never)
        return queryset.filter(never | Q(last_contact_at__lt=timezone.now() - timedelta(days=int(value))))

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        if not (data and data.get("imported")):  # nobody types the number of an import
            del self.filters["imported"]
