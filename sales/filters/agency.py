"""Filters of agencies."""

from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet
from sales.filters.offer import YesNoFilter
from sales.models import Agency


class AgencyFilterSet(FilterSet):
    """What agencies can be narrowed by."""

    active = YesNoFilter(label=_("In use"), field_name="is_active")

    class Meta:
        model = Agency
        fields: list[str] = []
