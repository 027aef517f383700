"""Filters of companies."""

import django_filters
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filters.custom_value import CustomFilterSet
from crm.filters.owner import OwnerFilter
from crm.filters.place import NOWHERE, PlaceFilter
from crm.models import Company, Industry, Tag
from digiweb.filters import visible_choices
from digiweb.geo.departments import REGIONS, department_choices, region_choices


class CompanyFilterSet(CustomFilterSet):
    """What companies can be narrowed by."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=Company.Status.choices)
    industry = django_filters.ChoiceFilter(label=_("Industry"), choices=Industry.choices)
    owner = OwnerFilter(label=_("Assigned salesperson"), module="crm.company")
    city = django_filters.CharFilter(label=_("Town"), lookup_expr="same", max_length=120)
    region = django_filters.ChoiceFilter(label=_("Region"), choices=region_choices(), method="by_region")
    department = django_filters.ChoiceFilter(
        label=pgettext_lazy("geography", "Department"),
        choices=[*department_choices(), (NOWHERE, _("Not located"))],
        method="by_department",
    )
    place = PlaceFilter(label=_("Place"))
    siren = django_filters.CharFilter(label=_("SIREN"), max_length=11, method="by_siren")
    tags = django_filters.ModelChoiceFilter(label=_("Tag"), queryset=visible_choices(Tag))
    headcount = django_filters.RangeFilter(label=_("Headcount"))
    created = django_filters.DateFromToRangeFilter(label=_("Added"), field_name="created_at")

    class Meta:
        model = Company
        fields: list[str] = []

    def by_region(self, queryset, name, value):  # type: ignore[no-untyped-def]
        return queryset.filter(department__in=REGIONS[value].departments)

    def by_department(self, queryset, name, value):  # type: ignore[no-untyped-def]
        return queryset.filter(department="" if value == NOWHERE else value)

    def by_siren(self, queryset, name, value):  # type: ignore[no-untyped-def]
        return queryset.filter(siren=value.replace(" ", ""))
