"""Verbs of notes."""

from typing import Any

from django.db import models, transaction

from digiweb.audit import record
from timeline.models import Note
from timeline.models.event import subject_of


@transaction.atomic
def add_note(*, user: Any, obj: models.Model, body: str) -> Note:
    """Write a note on a record; it shows on the record's time line."""
    kind, pk = subject_of(obj)
    note = Note.objects.create(subject_type=kind, subject_id=pk, author=user, body=body)
    record(user=user, action="noted", obj=obj, data={"note": note.pk})
    return note


@transaction.atomic
def delete_note(*, user: Any, note: Note, obj: models.Model) -> None:
    """Delete a note; the log keeps that it was there, and what it said."""
    record(user=user, action="note_deleted", obj=obj, changes={"note": [note.body, ""]})
    note.delete()
