"""Filters of deals."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.filters.client import OfClientFilter
from crm.filters.custom_value import CustomFilterSet
from crm.filters.owner import NOBODY, OwnerFilter, TeamFilter, team_asked
from crm.models import Company, Contact, Deal, Tag
from crm.models.deal import NO_DATE
from crm.services.deal_step import stale_condition, stale_days
from digiweb.filters import LookupFilter, visible_choices

OPEN, CLOSED = "open", "closed"
STAGES_OF = {OPEN: Deal.OPEN, CLOSED: Deal.CLOSED}
# Filters that are about deals in progress.
OF_OPEN = ("idle", "late", "stale", "undated")


class DealOwnerFilter(OwnerFilter):
    """A deal always has an owner: nobody is no choice."""

    about = _("“me”, or the id of a person")

    @property
    def field(self) -> Any:
        field = super().field
        field.choices = [(value, label) for value, label in field.choices if value != NOBODY]
        return field


class DealFilterSet(CustomFilterSet):
    """What deals can be narrowed by; list, board, export and API share it."""

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=[(OPEN, _("In progress")), (CLOSED, _("Won or lost"))], method="by_stages"
    )
    stage = django_filters.MultipleChoiceFilter(
        label=_("Stage"),
        choices=Deal.Stage.choices,
        widget=forms.CheckboxSelectMultiple,
        method="by_stages",
    )
    owner = DealOwnerFilter(label=_("Assigned salesperson"), module="crm.deal")
    team = TeamFilter(label=_("Team"), module="crm.deal", field_name="owner")
    company = LookupFilter(
        label=_("Company"), queryset=visible_choices(Company), lookup_url="crm:company_lookup"
    )
    contact = LookupFilter(
        label=_("Contact"), queryset=visible_choices(Contact), lookup_url="crm:contact_lookup"
    )
    client = OfClientFilter()
    amount = django_filters.RangeFilter(label=_("Amount"))
    expected = django_filters.DateFromToRangeFilter(
        label=_("Expected closing date"), field_name="expected_on", method="by_expected"
    )
    closed = django_filters.DateFromToRangeFilter(label=_("Closed on"), field_name="closed_on")
    idle = django_filters.ChoiceFilter(
        label=_("Next activity"),
        choices=[("yes", _("Nothing planned")), ("no", _("Something planned"))],
        method="by_idle",
    )
    late = django_filters.ChoiceFilter(
        label=_("Closing date passed"), choices=[("yes", _("Yes"))], method="by_late"
    )
    postponed = django_filters.NumberFilter(
        label=_("Put off (at least so many times)"),
        field_name="postponed_count",
        lookup_expr="gte",
        min_value=0,
        max_value=1000,
    )
    undated = django_filters.ChoiceFilter(
        label=_("Without an expected date"), choices=[("yes", _("Yes"))], method="by_undated"
    )
    stale = django_filters.ChoiceFilter(
        label=_("No activity for too long"), choices=[("yes", _("Yes"))], method="by_stale"
    )
    source = django_filters.CharFilter(label=_("Source"), lookup_expr="same", max_length=60)
    reached = django_filters.ChoiceFilter(
        label=_("Came at least to"),
        choices=[(stage.value, stage.label) for stage in Deal.OPEN],
        method="by_reached",
    )
    stopped = django_filters.ChoiceFilter(
        label=_("Came no further than"),
        choices=[(stage.value, stage.label) for stage in Deal.OPEN],
        method="by_stopped",
    )
    lost_reason = django_filters.ChoiceFilter(
        label=_("Reason of the loss"), choices=Deal.LostReason.choices, method="by_reason"
    )
    tags = django_filters.ModelChoiceFilter(label=_("Tag"), queryset=visible_choices(Tag))
    created = django_filters.DateFromToRangeFilter(label=_("Added"), field_name="created_at")

    class Meta:
        model = Deal
        fields: list[str] = []

    # After how many days without activity deals are stale, read when it is asked.
    days: dict[str, int] | None = None

    # --- Stages: a branch each, so that an index gives each in the order of the page

    def stages(self) -> list[str] | None:
        """The stages that the filters leave, in their order; None for all."""
        if not self.is_valid():
            return None
        data = self.form.cleaned_data
        left = set(Deal.Stage.values)
        if data.get("state"):
            left &= set(STAGES_OF[data["state"]])
        if data.get("stage"):
            left &= set(data["stage"])
        if any(data.get(name) for name in OF_OPEN):
            left &= set(Deal.OPEN)
        if data.get("lost_reason"):
            left &= {Deal.Stage.LOST}
        return (
            None
            if len(left) == len(Deal.Stage.values)
            else [each for each in Deal.Stage.values if each in left]
        )

    def filter_branches(self, branches: Sequence[QuerySet], whole: QuerySet) -> list[QuerySet]:
        branches = self.of_the_team(branches)
        stages = self.stages()
        if not stages:
            return super().filter_branches(branches, whole)
        filtered = self.of_all_stages(branches, whole)
        return [branch.filter(stage=stage) for stage in stages for branch in filtered]

    def of_the_team(self, branches: Sequence[QuerySet]) -> Sequence[QuerySet]:
        """A branch for each of a team, where one branch holds everybody's."""
        team = self.form.cleaned_data.get("team") if len(branches) == 1 and self.is_valid() else ""
        if not team:
            return branches
        people = team_asked(team, self.user, Deal.module) or [0]
        return [branches[0].filter(owner=person) for person in people]

    def filter_portions(self, portions: Sequence[QuerySet], whole: QuerySet) -> list[QuerySet]:
        """All stages at once: counted apart, each would be counted up to the limit of the whole."""
        return super().filter_branches(portions, whole)

    def of_all_stages(self, branches: Sequence[QuerySet], whole: QuerySet) -> list[QuerySet]:
        """The filtered rows, whatever stages the filters name: columns of a board narrow them to theirs."""
        filtered = [super(DealFilterSet, self).filter_queryset(branch) for branch in branches]
        if len(filtered) > 1 and self.words is not None and self.words.indexed:
            filtered = [super().filter_queryset(whole)]
        return filtered

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        queryset = super().filter_queryset(queryset)
        stages = self.stages()
        if stages is None:
            return queryset
        if not stages:  # such as lost deals with nothing planned
            return queryset.none()
        return queryset.filter(stage=stages[0]) if len(stages) == 1 else queryset.filter(stage__in=stages)

    def by_stages(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset  # `stages` sees to it

    def by_reason(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(lost_reason=value)

    def by_idle(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(next_activity_at__isnull=value == "yes")

    def by_late(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(expected_key__lt=timezone.localdate())

    def by_undated(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(expected_key=NO_DATE)

    def by_stale(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        if self.days is None:
            self.days = stale_days()
        return queryset.filter(stale_condition(self.days))

    def by_reached(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(furthest__gte=Deal.RANK[value])

    def by_stopped(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(furthest=Deal.RANK[value])

    def by_expected(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        """By the key of the sort, which has the indexes; deals without a date are outside every range."""
        if value.start is not None:
            queryset = queryset.filter(expected_key__gte=value.start.date(), expected_key__lt=NO_DATE)
        if value.stop is not None:
            queryset = queryset.filter(expected_key__lte=value.stop.date())
        return queryset
