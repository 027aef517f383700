"""Monthly targets of a person."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet, Sum

from digiweb.audit import plain, record
from digiweb.models import StaleVersion
from people.models import Target, User

FIELDS = ("revenue", "deals_won", "new_contacts", "activities")


class Wanted(NamedTuple):
    """What one or several people are to reach in one or several months, added up."""

    revenue: Decimal = Decimal(0)
    deals_won: int = 0
    new_contacts: int = 0
    activities: int = 0


def targets_between(people: Collection[int] | None, start: date, end: date) -> Wanted:
    """What these people (None: all) are to reach in the months from `start` to `end`."""
    found = _between(people, start, end).aggregate(**{name: Sum(name) for name in FIELDS})
    values: Any = [found[name] or 0 for name in FIELDS]
    return Wanted(*values)


def targets_by(column: str, people: Collection[int] | None, start: date, end: date) -> dict[Any, Wanted]:
    """The same for each person (`column` is "user_id") or for each month ("month")."""
    rows = _between(people, start, end).order_by().values_list(column)
    sums = rows.annotate(*(Sum(name) for name in FIELDS))
    return {key: Wanted(*values) for key, *values in sums}


def _between(people: Collection[int] | None, start: date, end: date) -> QuerySet:
    targets = Target.objects.filter(month__gte=start, month__lte=end)
    return targets if people is None else targets.filter(user__in=people)


def targets_of(person: User, year: int) -> dict[int, Target]:
    """The twelve months of a year; those never set are there with noughts, unsaved."""
    found = {target.month.month: target for target in Target.objects.filter(user=person, month__year=year)}
    return {
        month: found.get(month) or Target(user=person, month=date(year, month, 1), version=0)
        for month in range(1, 13)
    }


def targets_version(targets: Mapping[int, Target]) -> int:
    """A number that grows with every change of the year."""
    return sum(target.version for target in targets.values())


@transaction.atomic
def set_targets(
    *, user: Any, person: User, year: int, values: Mapping[int, Mapping[str, Any]], version: int | None = None
) -> dict[str, list[Any]]:
    """Set the months of `values`; {"2026-03.revenue": [before, after]} of what differs.

    Raises StaleVersion when the year was changed since `version` (see `targets_version`).
    """
    User.objects.select_for_update().get(pk=person.pk)
    targets = targets_of(person, year)
    if version is not None and version != targets_version(targets):
        raise StaleVersion(next((target for target in targets.values() if target.pk), targets[1]))
    changes: dict[str, list[Any]] = {}
    for month, wanted in values.items():
        target = targets[month]
        before = {name: plain(getattr(target, name)) for name in FIELDS}
        for name in FIELDS:
            setattr(target, name, wanted.get(name, getattr(target, name)))
        after = {name: plain(getattr(target, name)) for name in FIELDS}
        differs = {name for name in FIELDS if _number(before[name]) != _number(after[name])}
        if differs:
            target.version += 1
            target.save()
            changes |= {
                f"{year}-{month:02}.{name}": [before[name], after[name]] for name in FIELDS if name in differs
            }
    if changes:
        record(user=user, action="targets_changed", obj=person, changes=changes)
    return changes


def _number(value: Any) -> Decimal:
    return Decimal(value or 0)
