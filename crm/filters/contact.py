"""Filters of contacts."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filters.contact_import import ImportedFilter
from crm.filters.owner import OwnerFilter
from crm.models import Company, Contact, Tag
from digiweb.filters import FilterSet, LookupFilter, visible_choices


class ContactFilterSet(FilterSet):
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
    imported = ImportedFilter(label=pgettext_lazy("noun", "Import"))

    class Meta:
        model = Contact
        fields: list[str] = []

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        if not (data and data.get("imported")):  # nobody types the number of an import
            del self.filters["imported"]
