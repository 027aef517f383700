"""Writing events: the writer behind `digiweb.audit.record`."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.apps import apps

from digiweb.audit import Change
from timeline.models import Document, Event
from timeline.models.event import subject_of
from timeline.services.event_rows import EventRow, write_event_rows

# They stand on the record, and name its files.
OF_FILES = ("document_added", "document_removed")


def write_events(user: Any, changes: list[Change]) -> None:
    """Insert the events of `changes` and their links; two statements however many there are."""
    write_event_rows(user=user, rows=[_row(change) for change in changes])


def _row(change: Change) -> EventRow:
    obj = change.obj
    kind, pk = subject_of(obj) if obj is not None else ("", None)
    label = str(obj) if obj is not None else ""
    also = tuple(map(subject_of, change.also))
    return EventRow(change.action, kind, pk, label, change.changes, change.data, also)


def in_sight(user: Any, events: Iterable[Event], *, page_of: Collection[tuple[str, int]] = ()) -> list[Event]:
    """Those of `events` whose record this person may see; a query a kind of record.

    Events of the record whose page is shown (`page_of`, under all its numbers) always are: that page was
    opened by right.
    A record that is gone, or whose kind has no rights of its own, is the administrators' to see. Files that
    came and went are named to those who may open documents.
    """
    events = list(events)
    if user.is_admin:
        return events
    if not user.can(Document.module, "view"):
        events = [event for event in events if event.action not in OF_FILES]
    asked: dict[str, set[int]] = defaultdict(set)
    for event in events:
        if event.subject_id is not None and (event.subject_type, event.subject_id) not in page_of:
            asked[event.subject_type].add(event.subject_id)
    seen = {(kind, pk) for kind, pks in asked.items() for pk in visible_among(user, kind, pks)}
    return [
        event
        for event in events
        if (event.subject_type, event.subject_id) in page_of or (event.subject_type, event.subject_id) in seen
    ]


def visible_among(user: Any, kind: str, pks: set[int]) -> Iterable[int]:
    """Which of these records of a kind the person may see; none of a kind without rights of its own."""
    try:
        model: Any = apps.get_model(kind)
        return model.objects.visible_to(user).filter(pk__in=pks).values_list("pk", flat=True)  # type: ignore[no-any-return]
    except (LookupError, AttributeError):
        return ()
