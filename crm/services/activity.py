"""Verbs of activities. Page, API, calendar, bulk action and calls from outside use the same functions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Activity
from crm.services.activity_totals import Line, adjust_activities, lines_of
from crm.services.client_signs import follow_subjects, follows_clients
from crm.services.holding import hold
from crm.services.next_activity import refresh_next_activity
from crm.services.recurrence import next_start
from crm.services.score import touch_scores
from digiweb.changes import change_many, change_record, create_record
from digiweb.fields import LAST_DAY
from digiweb.models import StaleVersion
from digiweb.querysets import people_in, reach_of
from timeline.services.bin import move_to_bin

Status = Activity.Status
# Set beside what a person changed; the event does not repeat it.
UNLOGGED = ("remind_at", "repeat_from", "done_at")
# What a client shows of it.
SEEN = {"status", "done_at", "contact", "company", "kind", "starts_at"}
# What the event is called when the status changes.
ACTION_OF: dict[str, str] = {Status.PLANNED: "replanned", Status.DONE: "done", Status.CANCELLED: "cancelled"}


@transaction.atomic
@follows_clients
def create_activity(*, user: Any, activity: Activity) -> Activity:
    """Save a planned activity, or one that is done already; it shows on what it is about too.

    What the contact or the deal says of the company and the contact is taken over. Raises
    PermissionDenied for an owner for whom `user` may not plan.
    """
    if activity.owner_id is None and user is not None:
        activity.owner = user
    _check_owner(user, activity, "create")
    _take_over(activity)
    activity.clean()
    done = activity.status == Status.DONE
    hold(contacts=[activity.contact_id if done else None], deals=[activity.deal_id])
    if done:
        activity.done_at = activity.done_at or min(activity.starts_at, timezone.now())
    activity.repeat_from = activity.starts_at if activity.recurrence else None
    activity.remind_at = activity.due_reminder()
    create_record(user=user, obj=activity, also=activity.subjects)
    refresh_next_activity([activity.deal_id])
    adjust_activities(Counter(), lines_of([activity]))
    _score([activity])
    _tell_clients([activity])
    return activity


def plan_activity(*, user: Any, values: Mapping[str, Any]) -> Activity:
    """Plan something: `create_activity` out of plain values."""
    return create_activity(user=user, activity=Activity(**{**values, "status": Status.PLANNED}))


def log_activity(*, user: Any, values: Mapping[str, Any]) -> Activity:
    """Write down what has happened already (a call that came in): `create_activity`, done."""
    return create_activity(user=user, activity=Activity(**{**values, "status": Status.DONE}))


@transaction.atomic
@follows_clients
def change_activity(
    *,
    user: Any,
    activity: Activity,
    values: Mapping[str, Any],
    version: int | None = None,
    action: str = "changed",
) -> dict[str, list[Any]]:
    """Change an activity; what follows (when it was done, reminder, series) is set with it.

    Done by its status, the next one of its series is planned too. Raises StaleVersion, ValidationError, and
    PermissionDenied for an owner out of reach.
    """
    changes, _again = _change(user, activity, values, version, action)
    return changes


def _change(
    user: Any, activity: Activity, values: Mapping[str, Any], version: int | None, action: str
) -> tuple[dict[str, list[Any]], Activity | None]:
    """What changed, and the next one of the series where the activity was done by it."""
    hold_subjects([activity.pk], values)
    before = Activity.objects.select_for_update().get(pk=activity.pk)
    if version is not None and before.version != version:
        raise StaleVersion(before)
    also = before.subjects
    after = Activity.objects.get(pk=activity.pk)
    for name, value in values.items():
        setattr(after, name, value)
    if after.owner_id != before.owner_id:
        _check_owner(user, after, "change")
    after.clean()
    if after.status != before.status and action == "changed":
        action = ACTION_OF[after.status]
    follows = _follows(before, after)
    changes = change_record(
        user=user,
        obj=activity,
        values={**values, **follows},
        version=version,
        also=also,
        action=action,
        unlogged=UNLOGGED,
    )
    refresh_next_activity([before.deal_id, activity.deal_id])
    adjust_activities(lines_of([before]), lines_of([activity]))
    if {"status", "done_at", "contact", "kind"} & changes.keys():
        _score([before, activity])
    if SEEN & changes.keys():
        _tell_clients([before, activity])
    became_done = before.status != Status.DONE and activity.status == Status.DONE
    return changes, _plan_next(user, activity) if became_done else None


def hold_subjects(pks: Sequence[int], values: Mapping[str, Any] | None = None) -> None:
    """Lock the contacts and deals of these activities, and those that they are about to be given."""
    found: list[tuple[Any, Any]] = list(
        Activity.objects.filter(pk__in=pks).values_list("contact_id", "deal_id")
    )
    given = values or {}
    found.append((getattr(given.get("contact"), "pk", None), getattr(given.get("deal"), "pk", None)))
    hold(contacts=[contact for contact, _deal in found], deals=[deal for _contact, deal in found])


def _score(activities: Sequence[Activity]) -> None:
    """What was done with a contact counts in their score; what is planned does not."""
    touch_scores({one.contact_id for one in activities if one.status == Status.DONE})


def _tell_clients(activities: Sequence[Activity]) -> None:
    """Last contact, next activity and health of the clients that these are about."""
    follow_subjects(
        companies=[one.company_id for one in activities], contacts=[one.contact_id for one in activities]
    )


def _follows(before: Activity, after: Activity) -> dict[str, Any]:
    follows: dict[str, Any] = {}
    if after.status != before.status:
        follows["done_at"] = timezone.now() if after.status == Status.DONE else None
    if after.recurrence != before.recurrence or after.starts_at != before.starts_at:
        follows["repeat_from"] = after.starts_at if after.recurrence else None
    if (after.starts_at, after.reminder, after.status) != (before.starts_at, before.reminder, before.status):
        follows["remind_at"] = after.due_reminder()
    return follows


@transaction.atomic
@follows_clients
def complete_activity(
    *, user: Any, activity: Activity, values: Mapping[str, Any] | None = None, version: int | None = None
) -> Activity | None:
    """Mark as done, with what came of it (`values`: notes, duration); done already, nothing happens.

    Returns the next one of the series, planned now, when the activity repeats.
    """
    hold_subjects([activity.pk])
    current = Activity.objects.select_for_update().get(pk=activity.pk)
    if current.status == Status.DONE:
        return None
    _changes, again = _change(user, activity, {**(values or {}), "status": Status.DONE}, version, "done")
    return again


@transaction.atomic
@follows_clients
def finish_activity(
    *, user: Any, activity: Activity, notes: str, following: Mapping[str, Any] | None, version: int | None
) -> list[Activity]:
    """Mark as done with what came of it, and plan what comes next (`following`: kind, subject, starts_at).

    Returns what was planned: the next of a series, then what was asked for, which is about the same. Raises
    as `complete_activity`, StaleVersion where somebody else has done it with other words, and
    PermissionDenied for who may not plan.
    """
    hold_subjects([activity.pk])
    current = Activity.objects.select_for_update().get(pk=activity.pk)
    brings = bool(following) or notes != current.notes
    if current.status == Status.DONE and brings and version not in (None, current.version):
        raise StaleVersion(current)
    again = complete_activity(user=user, activity=activity, values={"notes": notes}, version=version)
    planned = [again] if again else []
    if following:
        if not user.can(Activity.module, "create"):
            raise PermissionDenied
        about = {name: getattr(activity, name) for name in ("contact", "company", "deal", "owner")}
        planned.append(plan_activity(user=user, values={**about, **following}))
    return planned


def _plan_next(user: Any, activity: Activity) -> Activity | None:
    if not activity.recurrence:
        return None
    first = activity.repeat_from or activity.starts_at
    starts_at = next_start(first, activity.recurrence, max(activity.starts_at, timezone.now()))
    if starts_at.year > LAST_DAY.year:
        return None
    if activity.repeat_until and timezone.localdate(starts_at) > activity.repeat_until:
        return None
    # What tells one series of a person from another that begins at the same hour.
    same = ("owner", "kind", "subject", "contact", "company", "deal")
    alike = {name: getattr(activity, name) for name in same}
    twins = Activity.objects.filter(**alike, repeat_from=first, starts_at=starts_at)
    if twins.exists():  # reopened and done again: the next one is planned already
        return None
    copied = ("kind", "subject", "priority", "duration", "place", "contact", "company", "deal", "owner")
    again = Activity(**{name: getattr(activity, name) for name in copied})
    again.starts_at, again.reminder = starts_at, activity.reminder
    again.recurrence, again.repeat_until = activity.recurrence, activity.repeat_until
    create_activity(user=user, activity=again)
    again.repeat_from = first
    again.save(update_fields=["repeat_from"])
    return again


@transaction.atomic
@follows_clients
def reopen_activity(*, user: Any, activity: Activity, version: int | None = None) -> None:
    """Planned again: the undoing of done and cancelled."""
    change_activity(
        user=user, activity=activity, values={"status": Status.PLANNED}, version=version, action="replanned"
    )


@transaction.atomic
@follows_clients
def take_back_completion(*, user: Any, activity: Activity, planned: Mapping[int, int]) -> None:
    """Planned again; what was planned with it (number: version) goes, unless somebody changed it since."""
    if activity.status != Status.PLANNED:
        reopen_activity(user=user, activity=activity)
    hold_subjects(list(planned))
    following = Activity.objects.select_for_update().filter(pk__in=planned, status=Status.PLANNED)
    unchanged = [one.pk for one in following if one.version == planned[one.pk]]
    if unchanged:
        delete_activities(user=user, pks=unchanged)


@transaction.atomic
@follows_clients
def change_activities(*, user: Any, pks: Sequence[int], values: Mapping[str, Any]) -> int:
    """Set the same values on many activities (status, owner, date); returns how many differed."""
    hold_subjects(pks)
    locked = list(Activity.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    models.prefetch_related_objects(locked, "contact", "company", "deal", "owner")
    done = {one.contact_id for one in locked if one.status == Status.DONE}
    if "owner" in values:
        for activity in locked:
            if activity.owner_id != values["owner"].pk:
                _check_owner(user, Activity(owner=values["owner"]), "change")
    now = timezone.now()
    values = dict(values)
    if "status" in values:
        locked = [activity for activity in locked if activity.status != values["status"]]
        values["done_at"] = now if values["status"] == Status.DONE else None
    action = ACTION_OF.get(values.get("status", ""), "changed")
    series = [activity for activity in locked if activity.recurrence]
    before = {activity.pk: lines_of([activity]) for activity in locked}
    changed = change_many(
        user=user, objs=locked, values=values, also=lambda one: one.subjects, action=action, unlogged=UNLOGGED
    )
    for activity in changed:
        activity.remind_at = activity.due_reminder()
    Activity.objects.bulk_update(changed, ["remind_at"], batch_size=1000)
    if values.get("status") == Status.DONE:
        for activity in series:
            _plan_next(user, activity)
    refresh_next_activity(activity.deal_id for activity in changed)
    adjust_activities(sum((before[one.pk] for one in changed), Counter()), lines_of(changed))
    if "status" in values:
        touch_scores(done | {one.contact_id for one in changed if one.status == Status.DONE})
    if SEEN & values.keys():
        _tell_clients(changed)
    return len(changed)


@transaction.atomic
@follows_clients
def move_to_day(*, user: Any, pks: Sequence[int], day: date) -> int:
    """Put many activities on another day, each at its own hour; returns how many moved."""
    hold_subjects(pks)
    locked = list(Activity.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    moved = 0
    for activity in locked:
        local = timezone.localtime(activity.starts_at)
        values = {"starts_at": timezone.make_aware(datetime.combine(day, local.time()))}
        moved += bool(change_activity(user=user, activity=activity, values=values))
    return moved


@transaction.atomic
@follows_clients
def delete_activities(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move activities to the bin as one batch; returns the batch, by which they come back."""
    hold_subjects(pks)
    activities = list(Activity.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    return move_to_bin(user=user, objs=activities, batch=batch)


def activities_came_or_went(activities: Sequence[Activity], *, came: bool) -> None:
    """What comes next on deals and scores follow when activities enter or leave the table by the bin."""
    refresh_next_activity(activity.deal_id for activity in activities)
    lines: Counter[Line] = lines_of(activities)
    adjust_activities(Counter() if came else lines, lines if came else Counter())
    _score(activities)
    _tell_clients(activities)


def _take_over(activity: Activity) -> None:
    """The deal knows its contact and company, the contact its company."""
    if activity.deal_id and activity.deal is not None:
        activity.contact = activity.contact or activity.deal.contact
        activity.company = activity.company or activity.deal.company
    if activity.contact_id and activity.contact is not None:
        activity.company = activity.company or activity.contact.company


def _check_owner(user: Any, activity: Activity, action: str) -> None:
    """People plan for themselves, managers for their team; the system (None) for anybody."""
    if activity.owner_id is None:
        raise ValidationError({"owner": _("An activity belongs to somebody: choose who does it.")})
    if user is None or activity.owner_id == user.pk:
        return
    reach = reach_of(user, Activity.module, action)
    if reach is None or (reach != "all" and activity.owner_id not in people_in(user, reach)):
        raise PermissionDenied
