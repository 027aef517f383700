"""Filters of what one was told."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet
from timeline.models import Notification
from timeline.notification_kinds import kinds


def kind_choices() -> list[tuple[str, Any]]:
    return [(kind.name, kind.label) for kind in kinds()]


class NotificationFilterSet(FilterSet):
    """By kind, and what still waits."""

    q = None
    unread = django_filters.ChoiceFilter(
        label=_("Not read yet"), choices=[("yes", _("Yes")), ("no", _("No"))], method="by_unread"
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=kind_choices)

    class Meta:
        model = Notification
        fields: list[str] = []

    def by_unread(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(read_at__isnull=value == "yes")
