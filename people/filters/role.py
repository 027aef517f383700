"""Filters of roles."""

from django.db.models import QuerySet

from digiweb.filters import FilterSet
from people.models import Role


class RoleFilterSet(FilterSet):
    """Roles are few: the search looks inside their names."""

    class Meta:
        model = Role
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(name__icontains=value.strip())
