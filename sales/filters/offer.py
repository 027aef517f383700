"""Filters of the catalogue."""

import django_filters
from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet
from sales.models import Offer

YES_NO = [("yes", _("Yes")), ("no", _("No"))]


class YesNoFilter(django_filters.ChoiceFilter):
    """`popular=yes` or `popular=no`."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(choices=YES_NO, **kwargs)

    def filter(self, queryset, value):  # type: ignore[no-untyped-def]
        return queryset.filter(**{self.field_name: value == "yes"}) if value else queryset


class OfferFilterSet(FilterSet):
    """What offers can be narrowed by; catalogue, list, export and API share it."""

    category = django_filters.ChoiceFilter(label=_("Category"), choices=Offer.Category.choices)
    popular = YesNoFilter(label=_("Popular"), field_name="is_popular")
    active = YesNoFilter(label=_("In the catalogue"), field_name="is_active")

    class Meta:
        model = Offer
        fields: list[str] = []
