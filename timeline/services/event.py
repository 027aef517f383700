"""Writing events: the writer behind `digiweb.audit.record`."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone

from digiweb.audit import Change
from digiweb.request_context import current_origin
from timeline.models import Document, Event, EventLink
from timeline.models.event import subject_of

# They stand on the record, and name its files.
OF_FILES = ("document_added", "document_removed")


def write_events(user: Any, changes: list[Change]) -> None:
    """Insert the events of `changes` and their links; two statements however many there are."""
    origin = current_origin()
    now = timezone.now()
    actor_id = getattr(user, "pk", None)
    actor_name = str(user)[:210] if actor_id else ""
    events = [
        Event(
            at=now,
            actor_id=actor_id,
            actor_name=actor_name,
            action=change.action,
            changes=dict(change.changes),
            data=dict(change.data),
            channel=origin.channel,
            ip=origin.ip,
            request_id=origin.request_id,
            **_subject(change.obj),
        )
        for change in changes
    ]
    events = Event.objects.bulk_create(events, batch_size=1000)
    links = [
        EventLink(event=event, subject_type=kind, subject_id=pk)
        for event, change in zip(events, changes, strict=True)
        for kind, pk in dict.fromkeys(subject_of(other) for other in change.also)
    ]
    if links:
        EventLink.objects.bulk_create(links, batch_size=2000)


def _subject(obj: models.Model | None) -> dict[str, Any]:
    if obj is None:
        return {}
    kind, pk = subject_of(obj)
    return {"subject_type": kind, "subject_id": pk, "subject_label": str(obj)[:210]}


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
