"""Filters of the team."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet
from people.models import Department, User
from people.services.team import roles_of_team


def roles(request: Any) -> QuerySet:
    return roles_of_team(request.user)


class UserFilterSet(FilterSet):
    """What the team can be narrowed by (SPEC T6)."""

    role = django_filters.ModelChoiceFilter(label=_("Role"), queryset=roles)
    status = django_filters.ChoiceFilter(label=_("Status"), choices=User.Status.choices, method="by_status")
    department = django_filters.ModelChoiceFilter(
        label=_("Department"), queryset=Department.objects.order_by("name")
    )

    class Meta:
        model = User
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Those who left for good show only when asked for."""
        rows: QuerySet = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("status") else rows.filter(removed_at=None)

    def by_status(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == User.Status.REMOVED:
            return queryset.filter(removed_at__isnull=False)
        queryset = queryset.filter(removed_at=None)
        if value in (User.Status.INACTIVE, User.Status.TO_INVITE):
            return queryset.filter(is_active=False, joined_at__isnull=value == User.Status.TO_INVITE)
        return queryset.filter(is_active=True, joined_at__isnull=value == User.Status.INVITED)
