"""Filters of background jobs."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from digiweb.filters import FilterSet
from digiweb.job_kinds import job_kinds
from people.models import User
from timeline.models import JobRun

LIVE, CLOCK = "live", "clock"


def state_choices() -> list[tuple[str, Any]]:
    return [(LIVE, _("Waiting or running")), *JobRun.State.choices]


def kind_choices() -> list[tuple[str, str]]:
    """What can be asked for, and the entries of the schedule, by name."""
    return sorted(((kind.func, str(kind.label)) for kind in job_kinds()), key=lambda choice: choice[1])


class AskedByFilter(django_filters.ChoiceFilter):
    """Who asked: the schedule, or a person whom the asking person sees."""

    @property
    def field(self) -> Any:
        request = getattr(self.parent, "request", None)
        choices: list[tuple[str, Any]] = [(CLOCK, _("The schedule"))]
        if request is not None:
            people = User.objects.visible_to(request.user).order_by("sort_name", "id")
            choices += [(str(person.pk), person.full_name or person.email) for person in people]
        self.extra["choices"] = choices
        self.__dict__.pop("_field", None)
        return super().field

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        if not value:
            return queryset
        return queryset.filter(user_id=None if value == CLOCK else int(value))


class JobRunFilterSet(FilterSet):
    """By how it went, what it is, who asked and when. Routine that went well is shown when asked for."""

    always = True

    state = django_filters.ChoiceFilter(label=_("State"), choices=state_choices, method="by_state")
    kind = django_filters.ChoiceFilter(label=_("Kind of job"), field_name="func", choices=kind_choices)
    person = AskedByFilter(label=_("Asked by"))
    created = django_filters.DateFromToRangeFilter(label=_("Asked on"), field_name="created_at")
    routine = django_filters.ChoiceFilter(
        label=_("Routine jobs"), choices=[("yes", _("Shown too"))], method="with_routine"
    )

    class Meta:
        model = JobRun
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.user is None or not self.user.can("timeline.job", "view"):
            del self.filters["person"]  # all that one sees is one's own

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(queryset)
        asked = self.form.cleaned_data
        return found if asked.get("routine") or asked.get("kind") else found.filter(quiet=False)

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        live = (JobRun.State.QUEUED, JobRun.State.RUNNING)
        return queryset.filter(state__in=live) if value == LIVE else queryset.filter(state=value)

    def with_routine(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Runs are kept for weeks: looked for inside their names."""
        return queryset.filter(label__icontains=value.strip())
