"""Filters of tags."""

from crm.models import Tag
from digiweb.filters import FilterSet
from digiweb.fulltext import fold


class TagFilterSet(FilterSet):
    """Tags are few: the search looks inside their names."""

    class Meta:
        model = Tag
        fields: list[str] = []

    def search(self, queryset, name, value):  # type: ignore[no-untyped-def]
        return queryset.filter(key__contains=fold(value))
