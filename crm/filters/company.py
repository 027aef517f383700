"""Filters of companies."""

import django_filters
from django.utils.translation import gettext_lazy as _

from crm.filters.custom_value import CustomFilterSet
from crm.filters.owner import OwnerFilter
from crm.models import Company, Industry, Tag
from digiweb.filters import visible_choices


class CompanyFilterSet(CustomFilterSet):
    """What companies can be narrowed by."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=Company.Status.choices)
    industry = django_filters.ChoiceFilter(label=_("Industry"), choices=Industry.choices)
    owner = OwnerFilter(label=_("Assigned salesperson"), module="crm.company")
    city = django_filters.CharFilter(label=_("Town"), lookup_expr="same", max_length=120)
    siren = django_filters.CharFilter(label=_("SIREN"), max_length=11, method="by_siren")
    tags = django_filters.ModelChoiceFilter(label=_("Tag"), queryset=visible_choices(Tag))
    headcount = django_filters.RangeFilter(label=_("Headcount"))
    created = django_filters.DateFromToRangeFilter(label=_("Added"), field_name="created_at")

    class Meta:
        model = Company
        fields: list[str] = []

    def by_siren(self, queryset, name, value):  # type: ignore[no-untyped-def]
        return queryset.filter(siren=value.replace(" ", ""))
