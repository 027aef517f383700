"""Verbs of notes, and whom they name."""

import re
from itertools import islice
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.fulltext import fold
from people.models import User
from timeline.models import Note
from timeline.models.event import subject_of
from timeline.services.notification import notify

# How much of the note the notification shows.
EXCERPT = 120


@transaction.atomic
def add_note(*, user: Any, obj: models.Model, body: str) -> Note:
    """Write a note on a record; it shows on the record's time line.

    Colleagues named as « @Prénom Nom » who see the record are told, once a note.
    """
    kind, pk = subject_of(obj)
    told = [person for person in people_named(body) if may_be_told(person, obj)]
    note = Note.objects.create(
        subject_type=kind,
        subject_id=pk,
        author=user,
        body=body,
        mentions=[[person.pk, person.full_name] for person in told] or None,
    )
    record(user=user, action="noted", obj=obj, data={"note": note.pk})
    _tell(user, note, obj, told)
    return note


def _tell(user: Any, note: Note, obj: models.Model, people: list[User]) -> None:
    """Notify whom the note names, its author aside; the key lets nobody hear of one note twice."""
    about = {"who": user, "record": str(obj)[:80], "excerpt": " ".join(note.body.split())[:EXCERPT]}
    notify(
        people=[person for person in people if person.pk != note.author_id],
        kind="mention",
        text=_("%(who)s mentioned you on “%(record)s”: %(excerpt)s") % about,
        obj=obj,
        key=f"note-{note.pk}",
        actor=user,
        mail=True,
    )


def people_named(body: str) -> list[User]:
    """The active people whose whole name follows an « @ » in a text; case and accents do not matter."""
    if "@" not in body:
        return []
    text = fold(body)
    people = User.objects.active().order_by("sort_name", "id")
    return [person for person in people if _follows_at(fold(person.full_name), text)]


def _follows_at(name: str, text: str) -> bool:
    return bool(name) and re.search(rf"@{re.escape(name)}(?!\w)", text) is not None


def may_be_told(person: User, obj: models.Model) -> bool:
    """Whether a person sees the record, and so may read what is written on it."""
    return person.can(obj.module, "view", obj)  # type: ignore[attr-defined]


def not_told(note: Note) -> list[User]:
    """Who is named in a note but does not see its record: they were not told."""
    told = {pk for pk, _name in note.mentions or ()}
    return [person for person in people_named(note.body) if person.pk not in told]


def mentionable(user: Any, obj: models.Model, text: str, limit: int = 6) -> list[User]:
    """Colleagues whose name begins as typed and who see the record, to be named in a note."""
    typed = fold(text).strip()
    people = User.objects.active().exclude(pk=user.pk).order_by("sort_name", "id")
    found = (
        person
        for person in people
        if any(fold(part).startswith(typed) for part in (person.full_name, person.last_name))
    )
    # Each costs a look at the record: of all colleagues the first ones, of those that a name means all.
    looked_at = found if typed else islice(found, limit + 2)
    return list(islice((person for person in looked_at if may_be_told(person, obj)), limit))


@transaction.atomic
def change_note(*, user: Any, note: Note, obj: models.Model, body: str) -> None:
    """Write a note anew; the log keeps what it said before. Who is named now and was not is told."""
    if body == note.body:
        return
    record(user=user, action="note_changed", obj=obj, changes={"note": [note.body, body]})
    told = [person for person in people_named(body) if may_be_told(person, obj)]
    note.body, note.mentions = body, [[person.pk, person.full_name] for person in told] or None
    note.save(update_fields=["body", "mentions", "updated_at"])
    _tell(user, note, obj, told)


@transaction.atomic
def delete_note(*, user: Any, note: Note, obj: models.Model) -> None:
    """Delete a note; the log keeps that it was there, and what it said."""
    record(user=user, action="note_deleted", obj=obj, changes={"note": [note.body, ""]})
    note.delete()
