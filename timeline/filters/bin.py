"""Filters of the bin."""

from typing import Any

import django_filters
from django.apps import apps
from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet
from people.models import User
from timeline.models import BinEntry


def kind_choices() -> list[tuple[str, str]]:
    """The kinds of records that people delete, by name."""
    models = [model for model in apps.get_models() if getattr(model, "module", "") and model is not BinEntry]
    choices = [(model._meta.label_lower, capfirst(str(model._meta.verbose_name))) for model in models]
    return sorted(choices, key=lambda choice: choice[1])


def people(request: Any) -> QuerySet:
    seen: QuerySet = User.objects.visible_to(request.user)
    return seen.order_by("sort_name", "id")


class BinFilterSet(FilterSet):
    """By kind and by who deleted it; only what can still come back."""

    always = True

    kind = django_filters.ChoiceFilter(
        label=_("Kind of record"), field_name="subject_type", choices=kind_choices
    )
    deleted_by = django_filters.ModelChoiceFilter(label=_("Deleted by"), queryset=people)

    class Meta:
        model = BinEntry
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset).waiting()

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """The bin is small: looked for inside the names."""
        return queryset.filter(label__icontains=value.strip())
