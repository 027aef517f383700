"""Filters of likely duplicates."""

import django_filters
from django.utils.translation import gettext_lazy as _

from crm.models import Contact, DuplicatePair
from digiweb.filters import FilterSet
from digiweb.fulltext import plan_search


class DuplicateFilterSet(FilterSet):
    """By kind, reason and what was decided; without a choice, what is still to look at."""

    always = True

    kind = django_filters.ChoiceFilter(
        field_name="subject_type", label=_("Kind"), choices=DuplicatePair.Kind.choices
    )
    reason = django_filters.ChoiceFilter(label=_("Reason"), choices=DuplicatePair.Reason.choices)
    state = django_filters.ChoiceFilter(label=_("State"), choices=DuplicatePair.State.choices)

    class Meta:
        model = DuplicatePair
        fields: list[str] = []

    def filter_queryset(self, queryset):  # type: ignore[no-untyped-def]
        rows = super().filter_queryset(queryset)
        chosen = self.form.cleaned_data.get("state")
        return rows if chosen else rows.filter(state=DuplicatePair.State.OPEN)

    def search(self, queryset, name, value):  # type: ignore[no-untyped-def]
        """Pairs have no words of their own: those of either record count."""
        return queryset.searched(plan_search(Contact, value))
