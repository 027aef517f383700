"""Keeping what stages deals went through (crm/models/deal_step.py), and when one is stale."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from crm.models import Deal, DealStep, StageRule
from crm.models.deal_step import USUAL_DAYS
from digiweb.audit import record
from digiweb.models import StaleVersion


def enter_stages(deals: Sequence[Deal]) -> None:
    """Write down that these deals, locked by the caller, have come into the stage where they are now."""
    pks = [deal.pk for deal in deals]
    running = DealStep.objects.filter(deal_id__in=pks, left_at=None)
    ends = {deal.stage_since for deal in deals}
    if len(ends) == 1:
        running.update(left_at=ends.pop())
    else:
        since = {deal.pk: deal.stage_since for deal in deals}
        steps = list(running.order_by("pk"))
        for step in steps:
            step.left_at = since[step.deal_id]
        DealStep.objects.bulk_update(steps, ["left_at"], batch_size=1000)
    DealStep.objects.bulk_create(
        [DealStep(deal=deal, stage=deal.stage, entered_at=deal.stage_since) for deal in deals],
        batch_size=1000,
    )


def leave_stage_again(deal: Deal) -> None:
    """A move was taken back: the deal never left the stage where it is again."""
    steps = DealStep.objects.filter(deal=deal).order_by("-entered_at", "-pk")
    last = steps.filter(left_at=None).first()
    if last is not None:
        last.delete()
    before = steps.first()
    if before is None:
        enter_stages([deal])
    else:
        steps.filter(pk=before.pk).update(left_at=None)


# --- Stale deals


def stale_days() -> dict[str, int]:
    """{open stage: days without any activity after which a deal there is stale}."""
    return {**USUAL_DAYS, **dict(StageRule.objects.values_list("stage", "stale_days"))}


def stale_before(days: int, today: date | None = None) -> datetime:
    """Deals on which nothing was done since this moment are stale: the start of a day, the same all day."""
    day = (today or timezone.localdate()) - timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time.min))


def stale_condition(days: Mapping[str, int]) -> Q:
    """Deals in progress on which nothing was done for too long."""
    condition = Q()
    for stage, limit in days.items():
        condition |= Q(stage=stage, last_activity_at__lt=stale_before(limit))
    return condition


def rules_of_stages() -> list[StageRule]:
    """A rule for each open stage, in their order; those without a row are there unsaved."""
    found = {rule.stage: rule for rule in StageRule.objects.all()}
    return [
        found.get(stage) or StageRule(stage=stage, stale_days=USUAL_DAYS[stage], version=0)
        for stage in map(str, Deal.OPEN)
    ]


def rules_version(rules: Sequence[StageRule]) -> int:
    """A number that grows with every change of the rules."""
    return sum(rule.version for rule in rules)


@transaction.atomic
def set_stale_days(*, user: Any, days: Mapping[str, int], version: int | None = None) -> bool:
    """Set after how many days deals are stale, by stage; whether anything differed.

    Raises StaleVersion when the rules were changed since `version` (see `rules_version`).
    """
    list(StageRule.objects.select_for_update().order_by("pk").values_list("pk"))
    rules = rules_of_stages()
    if version is not None and version != rules_version(rules):
        raise StaleVersion(next((rule for rule in rules if rule.pk), rules[0]))
    changed = [rule for rule in rules if days[rule.stage] != rule.stale_days]
    for rule in changed:
        before = rule.stale_days
        rule.stale_days = days[rule.stage]
        rule.version += 1
        rule.full_clean(validate_unique=False)
        rule.save()
        record(user=user, action="changed", obj=rule, changes={"stale_days": [before, rule.stale_days]})
    return bool(changed)
