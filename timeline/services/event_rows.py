"""Writing events, be it one or very many: without an object each."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from digiweb.inserts import insert_numbered, insert_rows, stored
from digiweb.request_context import current_origin
from timeline.models import Event, EventLink

_COLUMNS = (
    "at",
    "actor_id",
    "actor_name",
    "action",
    "subject_type",
    "subject_id",
    "subject_label",
    "changes",
    "data",
    "channel",
    "ip",
    "request_id",
)
# One encoder for all rows, as JSONField's.
_to_json = json.JSONEncoder().encode


class EventRow(NamedTuple):
    """What happened to one record, named by kind and number; `also`: who else shows it."""

    action: str
    kind: str
    pk: int | None
    label: str
    changes: Mapping[str, Any] | str  # or their JSON, where it is made already
    data: Mapping[str, Any]
    also: tuple[tuple[str, int], ...] = ()


@transaction.atomic(savepoint=False)
def write_event_rows(*, user: Any, rows: Sequence[EventRow]) -> None:
    """Insert events and their links, in the transaction of the change."""
    if not rows:
        return
    origin = current_origin()
    actor_id = getattr(user, "pk", None)
    actor_name = str(user)[:210] if actor_id else ""
    at = stored(timezone.now())
    end = (origin.channel, origin.ip, origin.request_id)
    # Many events share one `data`: its text is made once.
    texts = {id(row.data): row.data for row in rows}
    data = {key: _to_json(dict(value)) for key, value in texts.items()}
    values = [
        (
            at,
            actor_id,
            actor_name,
            row.action,
            row.kind,
            row.pk,
            row.label[:210],
            row.changes if isinstance(row.changes, str) else _to_json(dict(row.changes)),
            data[id(row.data)],
            *end,
        )
        for row in rows
    ]
    if not any(row.also for row in rows):
        insert_rows(Event, _COLUMNS, values)
        return
    numbers = insert_numbered(Event, _COLUMNS, values)
    links = [
        (number, kind, pk)
        for number, row in zip(numbers, rows, strict=True)
        for kind, pk in dict.fromkeys(row.also)
    ]
    insert_rows(EventLink, ("event_id", "subject_type", "subject_id"), links)
