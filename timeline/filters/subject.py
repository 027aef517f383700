"""Filters of what hangs on one record: events and notes."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from digiweb.filters import FilterSet
from timeline.models import Event
from timeline.services.subject import read_subject
from timeline.words import ACTIONS, KINDS


class SubjectFormField(forms.CharField):
    """`crm.contact:12` as kind and number."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return read_subject(text) if text else None


class SubjectFilter(django_filters.CharFilter):
    """The record; the rows are taken from it before this filter sees them."""

    field_class = SubjectFormField
    about = gettext_lazy("compulsory, such as `crm.contact:12`")

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        return queryset


class SubjectFilterSet(FilterSet):
    """What hangs on one record, which has to be named."""

    always = True

    q = None
    subject = SubjectFilter(label=gettext_lazy("Record"), required=True, max_length=100)


class TimelineFilterSet(SubjectFilterSet):
    """The time line of one record, of one kind of events."""

    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind"),
        choices=[(name, label) for name, label in KINDS.items() if name],
        method="by_kind",
    )

    class Meta:
        model = Event
        fields: list[str] = []

    def by_kind(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(action__in=[name for name, words in ACTIONS.items() if words.kind == value])
