"""The demo's history: what the other apps remembered, written as events and notes, oldest first."""

import json
from collections.abc import Iterator

from digiweb.demo import Demo, Happening
from digiweb.demo.scale import Scale
from timeline.demo.job_runs import build_jobs
from timeline.models import Event, EventLink, Note
from timeline.models.event import subject_of


def finish(demo: Demo) -> None:
    """One event for each happening, in the order of time, as the log would have grown."""
    events: list[Event] = []
    links: list[EventLink] = []
    notes: list[Note] = []
    for happening in sorted(demo.happenings, key=lambda each: each.at):
        data = dict(happening.data)
        if happening.body:
            note = _note(demo, happening)
            notes.append(note)
            data["note"] = note.pk
        kind, pk = subject_of(happening.obj)
        event = Event(
            pk=demo.number(Event),
            at=happening.at,
            actor_id=getattr(happening.actor, "pk", None),
            actor_name=str(happening.actor or "")[:210],
            action=happening.action,
            subject_type=kind,
            subject_id=pk,
            subject_label=str(happening.obj)[:210],
            changes=dict(happening.changes),
            data=data,
            channel="page" if happening.actor else "system",
        )
        events.append(event)
        for other in dict.fromkeys(subject_of(also) for also in happening.also):
            link = EventLink(event=event, subject_type=other[0], subject_id=other[1])
            link.pk = demo.number(EventLink)
            links.append(link)
    demo.insert(notes)
    demo.insert(events)
    demo.insert(links)
    build_jobs(demo)


def _note(demo: Demo, happening: Happening) -> Note:
    kind, pk = subject_of(happening.obj)
    return Note(
        pk=demo.number(Note),
        subject_type=kind,
        subject_id=pk,
        author=happening.actor,
        body=happening.body,
        created_at=happening.at,
        updated_at=happening.at,
    )


# --- seed_scale

EVENTS = 100_000


def scale_finish(scale: Scale) -> None:
    """A hundred thousand events (or as many as there are contacts) on each busy record."""
    number = min(EVENTS, scale.contacts)
    columns = ["at", "actor_id", "actor_name", "action", "subject_type", "subject_id", "subject_label"]
    columns += ["changes", "data", "channel", "ip", "request_id"]
    for kind, pk in scale.busy:
        scale.write(Event, columns, _many_events(scale, kind, pk, number), number)


def _many_events(scale: Scale, kind: str, pk: int, number: int) -> Iterator[tuple[object, ...]]:
    actor = scale.people["many"]
    pairs = [json.dumps({"status": pair}) for pair in (["lead", "prospect"], ["prospect", "client"])]
    for place in range(number):
        at = scale.moment(place, number).replace(tzinfo=None)
        yield (at, actor, "Many Bench", "changed", kind, pk, "Busy", pairs[place % 2], "{}", "page", "", "")
