"""Filters of mentions."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet, visible_choices
from sales.models import Agency, Mention


class MentionFilterSet(FilterSet):
    """What mentions can be narrowed by."""

    code = django_filters.ChoiceFilter(label=_("Mention"), choices=Mention.Code.choices)
    language = django_filters.ChoiceFilter(
        label=_("Language"), choices=[("fr", _("French")), ("en", _("English"))]
    )
    agency = django_filters.ModelChoiceFilter(label=_("Agency"), queryset=visible_choices(Agency))
    when = django_filters.ChoiceFilter(
        label=_("Valid"), choices=[("now", _("Begun")), ("later", _("To come"))], method="filter_when"
    )

    class Meta:
        model = Mention
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Mentions are few: the search looks inside their texts."""
        return queryset.filter(text__icontains=value)

    def filter_when(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        begun = Q(valid_from__lte=timezone.localdate())
        return queryset.filter(begun if value == "now" else ~begun)
