"""Verbs of the stages of reminders and of the rates of penalties; plans follow a changed stage."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from digiweb.changes import change_record, create_record
from digiweb.jobs import enqueue, function_at
from sales.models import PenaltyRate, Reminder, ReminderStage
from timeline.services.bin import move_to_bin

REPLAN = "sales.jobs.replan_reminders"
# What moves reminders to come; words do not.
MOVES = {"agency", "days", "is_formal", "is_active"}


@transaction.atomic
def create_stage(*, user: Any, stage: ReminderStage) -> ReminderStage:
    """Save a new stage. Raises ValidationError for a day that is taken and for an unknown placeholder."""
    stage.clean()
    created = create_record(user=user, obj=stage)
    ask_to_replan(user)
    return created


@transaction.atomic
def change_stage(
    *, user: Any, stage: ReminderStage, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change a stage, for the reminders to come. Raises StaleVersion, ValidationError as `create_stage`."""
    for name, value in values.items():
        setattr(stage, name, value)
    stage.clean()
    changes = change_record(user=user, obj=stage, values=values, version=version)
    if MOVES & changes.keys():
        ask_to_replan(user)
    return changes


@transaction.atomic
def delete_stages(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move stages to the bin as one batch; raises ValidationError for one that reminders were sent by."""
    stages = list(ReminderStage.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    if Reminder.objects.filter(stage__in=pks).exists():
        raise ValidationError(_("Reminders of this stage were sent: put it out of use instead."))
    binned = move_to_bin(user=user, objs=stages, batch=batch)
    ask_to_replan(user)
    return binned


def ask_to_replan(user: Any) -> None:
    """Have the reminders to come worked out anew, by a job."""
    enqueue(function_at(REPLAN), user=user, label=_("Plan the reminders anew"), key="replan-reminders")


@transaction.atomic
def create_rate(*, user: Any, rate: PenaltyRate) -> PenaltyRate:
    """Save a new rate. Raises ValidationError where one begins that day already."""
    rate.clean()
    return create_record(user=user, obj=rate)


@transaction.atomic
def change_rate(
    *, user: Any, rate: PenaltyRate, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change a rate; letters that were sent keep theirs. Raises StaleVersion, ValidationError."""
    for name, value in values.items():
        setattr(rate, name, value)
    rate.clean()
    return change_record(user=user, obj=rate, values=values, version=version)


@transaction.atomic
def delete_rates(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move rates to the bin as one batch."""
    rates = list(PenaltyRate.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    return move_to_bin(user=user, objs=rates, batch=batch)
