"""The one door of the audit log: every verb calls `record`, the `timeline` app writes it down.

`people` lies below `timeline` and must record too, so the writer registers itself here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.utils import timezone

from digiweb.custom import value_of


@dataclass(frozen=True)
class Change:
    """What happened to one record: `changes` is {field: [before, after]} in JSON values."""

    action: str
    obj: models.Model | None = None
    changes: Mapping[str, list[Any]] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    # Other records whose time line shows it too: a contact's company, for instance.
    also: tuple[models.Model | tuple[str, int], ...] = ()


_writers: list[Callable[[Any, list[Change]], None]] = []


def register_writer(writer: Callable[[Any, list[Change]], None]) -> None:
    """Called once by `timeline`."""
    _writers.append(writer)


def record(
    *,
    user: Any,
    action: str,
    obj: models.Model | None = None,
    changes: Mapping[str, list[Any]] | None = None,
    data: Mapping[str, Any] | None = None,
    also: Iterable[models.Model | tuple[str, int]] = (),
) -> None:
    """Write one event: who (`user`, None for the system) did `action` on `obj`.

    Call it in the transaction of the change, so that neither exists without the other.
    """
    record_many(user=user, changes=[Change(action, obj, changes or {}, data or {}, tuple(also))])


def record_many(*, user: Any, changes: Iterable[Change]) -> None:
    """Write many events in two statements, for imports and bulk actions."""
    rows = list(changes)
    for writer in _writers:
        writer(user, rows)


def plain(value: Any) -> Any:
    """The JSON form in which a value stands in the log."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = value.astimezone(UTC)  # the same moment is the same text, wherever it was typed
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def snapshot(obj: models.Model, fields: Iterable[str]) -> dict[str, Any]:
    """The values of `fields` now, foreign keys as {"id", "label"}, to compare after a change."""
    values: dict[str, Any] = {}
    for name in fields:
        value = value_of(obj, name)
        values[name] = (
            {"id": value.pk, "label": str(value)} if isinstance(value, models.Model) else plain(value)
        )
    return values


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{field: [before, after]} for the fields that differ."""
    return {name: [value, after[name]] for name, value in before.items() if value != after[name]}
