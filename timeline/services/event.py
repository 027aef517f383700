"""Writing events: the writer behind `digiweb.audit.record`."""

from typing import Any

from django.db import models
from django.utils import timezone

from digiweb.audit import Change
from digiweb.request_context import current_origin
from timeline.models import Event, EventLink
from timeline.models.event import subject_of


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
