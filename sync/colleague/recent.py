"""Who wins when both sides know a field: the most recent, field by field (docs/colleague-import.md).

Values are compared in the form in which they are kept beside the imported record, which is plain JSON.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any

from django.db.models import Model

from sync.colleague.keys import digest_of


class Win(Enum):
    SAME = "same"  # nothing to do
    SOURCE = "source"  # ours was as imported, or empty: the source's value is taken
    THEIRS = "theirs"  # both changed, the source later
    OURS = "ours"  # a value of ours stays although the source says another


# What `last` is where the source was never heard of before.
NEVER = object()


@dataclass(frozen=True)
class Told:
    """What the source says of a field now, and when it said so first."""

    value: Any
    at: datetime
    # Whether the source gave the moment itself.
    dated: bool


def form(value: Any) -> Any:
    """A value as it is kept and compared: JSON, amounts and days as text, a record as its number."""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return digest_of(value)
    return "" if value is None else value


def decide(*, ours: Any, last: Any, told: Told, changed_at: Callable[[], datetime | None]) -> Win:
    """Which value stands from now on; `changed_at` says when a person changed ours, where that is needed."""
    said = form(told.value)
    mine = form(ours)
    if said == mine:
        return Win.SAME
    if last is NEVER:
        return _first(mine, said, told, changed_at)
    if said == last:
        # The source says nothing new: whatever became of it here stays.
        return Win.OURS
    if mine == last:
        return Win.SOURCE
    when = changed_at()
    return Win.THEIRS if when is None or told.at > when else Win.OURS


def _first(mine: Any, said: Any, told: Told, changed_at: Callable[[], datetime | None]) -> Win:
    """A row that was here before the source spoke of it: filled in; overwritten only by a later date."""
    if said == "":
        return Win.SAME
    if mine in ("", "0.00"):
        return Win.SOURCE
    when = changed_at() if told.dated else None
    return Win.THEIRS if when is not None and told.at > when else Win.OURS


def merged(
    obj: Model | None,
    told: Mapping[str, Told],
    last: Mapping[str, Any],
    changed_at: Callable[[str], datetime | None],
) -> tuple[dict[str, Any], list[tuple[str, Win, Any, Told]]]:
    """(values to set on `obj`, [(field, who won, our value before, what was told)] worth telling)."""
    values: dict[str, Any] = {}
    worth: list[tuple[str, Win, Any, Told]] = []
    for name, one in told.items():
        ours = getattr(obj, name)
        before = last.get(name, NEVER)
        win = decide(ours=ours, last=before, told=one, changed_at=partial(changed_at, name))
        if win in (Win.SOURCE, Win.THEIRS):
            values[name] = one.value
        # That the source says nothing of what we know is not worth a line.
        if win is Win.THEIRS or (win is Win.OURS and form(one.value) != ""):
            worth.append((name, win, ours, one))
    return values, worth


def remembered(told: Mapping[str, Told], last: Mapping[str, Any]) -> dict[str, Any]:
    """What the source said of each field, for the next time."""
    return {**last, **{name: form(one.value) for name, one in told.items()}}
