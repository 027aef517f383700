"""Filters of the audit log; each is served by an index of the table of events (DESIGN §3)."""

from typing import Any

import django_filters
from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet
from people.models import User
from timeline.models import Event
from timeline.words import ACTIONS

SYSTEM = "system"
# How many events, newest first, a search by words looks through: no index serves it, so it is bounded.
SEARCHED = 200_000


def kind_choices() -> list[tuple[str, Any]]:
    """The kinds of records that have events, by name."""
    models = [model for model in apps.get_models() if getattr(model, "module", "") and model is not Event]
    choices = [(model._meta.label_lower, capfirst(str(model._meta.verbose_name))) for model in models]
    return sorted(choices, key=lambda choice: choice[1])


def action_choices() -> list[tuple[str, Any]]:
    return sorted(((name, words.label) for name, words in ACTIONS.items()), key=lambda choice: str(choice[1]))


class ActorFilter(django_filters.ChoiceFilter):
    """By whom: the system, or a person whom the asking person sees."""

    @property
    def field(self) -> Any:
        request = getattr(self.parent, "request", None)
        choices: list[tuple[str, Any]] = [(SYSTEM, _("The system"))]
        if request is not None:
            people = User.objects.visible_to(request.user).order_by("sort_name", "id")
            choices += [(str(person.pk), person.full_name or person.email) for person in people]
        self.extra["choices"] = choices
        self.__dict__.pop("_field", None)
        return super().field

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        if not value:
            return queryset
        return queryset.filter(actor_id=None if value == SYSTEM else int(value))


class EventFilterSet(FilterSet):
    """What the audit log can be narrowed by."""

    person = ActorFilter(label=_("Person"))
    action = django_filters.ChoiceFilter(label=_("Action"), choices=action_choices)
    kind = django_filters.ChoiceFilter(
        label=_("Kind of record"), field_name="subject_type", choices=kind_choices
    )
    at = django_filters.DateFromToRangeFilter(label=_("Period"))

    class Meta:
        model = Event
        fields: list[str] = []

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Records and people whose name, or one of its words, begins so, among the latest events."""
        text = value.strip()
        if not text:
            return queryset
        starts = Q()
        for column in ("subject_label", "actor_name"):
            starts |= Q(**{f"{column}__istartswith": text}) | Q(**{f"{column}__icontains": f" {text}"})
        # Ids grow with time, and a number is found faster than the two hundred thousandth row.
        return queryset.filter(starts, pk__gt=self._latest() - SEARCHED)

    def _latest(self) -> int:
        """The number of the last event that the period allows."""
        period = self.form.cleaned_data.get("at")
        events = Event.objects.visible_to(self.user)
        if period and period.stop:
            last = events.filter(at__lte=period.stop).order_by("-at", "-id")
        else:
            last = events.order_by("-id")
        return last.values_list("pk", flat=True).first() or 0
