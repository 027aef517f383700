"""Verbs of documents: put on a record, renamed, removed. Page, API and demo use the same functions."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from digiweb.audit import Change, record, record_many
from digiweb.changes import change_record
from digiweb.filenames import clean_file_name, shorten
from digiweb.filetypes import TYPES, ending_of
from digiweb.jobs import enqueue, function_at
from timeline.models import Document
from timeline.models.document import document_kinds, owner_column
from timeline.models.event import subject_of
from timeline.services.bin import move_to_bin
from timeline.services.document_files import Checked, check_upload, keep, remove_stored


def may_add(user: Any, obj: models.Model) -> bool:
    """Whether documents may be put on this record: whoever may change it, where it takes any."""
    kind, _pk = subject_of(obj)
    if kind not in document_kinds() or not user.can(Document.module, "create"):
        return False
    return bool(user.can(obj.module, "change", obj))  # type: ignore[attr-defined]


def add_document(*, user: Any, obj: models.Model, file: Any, name: str = "") -> Document:
    """Keep an uploaded file on a record; it shows on the record's time line.

    A worker then looks for viruses and draws the small picture. Raises ValidationError, and keeps nothing,
    for what is empty, too large, of a type that is not kept or other than its name says; PermissionDenied
    where `user` may not change the record (None: the system).
    """
    if user is not None and not may_add(user, obj):
        raise PermissionDenied
    checked = check_upload(file, clean_file_name(name or file.name or ""))
    document = Document(
        name=shorten(checked.name),
        kind=checked.type.name,
        size=checked.size,
        sha256=checked.sha256,
        added_by=user,
    )
    keep(document, file)
    try:
        with transaction.atomic():
            _put_on(user, document, obj, checked)
    except BaseException:
        remove_stored([str(document.file.name)])
        raise
    return document


def _put_on(user: Any, document: Document, obj: Any, checked: Checked) -> None:
    # Locked: it may neither leave nor change hands between this look and the commit.
    current = type(obj)._base_manager.select_for_update().filter(pk=obj.pk).first()
    if current is None:
        raise ValidationError(_("The record is gone: somebody deleted it meanwhile."), code="gone")
    document.subject_type, document.subject_id = subject_of(current)
    column = owner_column(type(current))
    document.owner_id = getattr(current, column) if column else None
    document.scan, document.preview = checked.scan, checked.preview
    document.save(force_insert=True)
    data = {"document": document.pk, "added": [document.name]}
    record(user=user, action="document_added", obj=current, data=data, also=[document])
    if document.is_pending:
        ask_for_look(document, user=user)


def ask_for_look(document: Document, *, user: Any = None) -> None:
    """Have a worker check the file and draw its picture, once this is committed."""
    enqueue(
        function_at("timeline.jobs.look_at_document"),
        user=user,
        label=_("Check of “%(document)s”") % {"document": document.name},
        key=f"document-{document.pk}",
        url=document.get_absolute_url(),
        document_id=document.pk,
    )


def twin_of(document: Document) -> Document | None:
    """An earlier document on the same record with the same content."""
    earlier = Document._base_manager.filter(
        subject_type=document.subject_type,
        subject_id=document.subject_id,
        sha256=document.sha256,
        pk__lt=document.pk,
    )
    return earlier.order_by("pk").first()


def fitting_name(document: Document, name: str) -> str:
    """A new name, clean, with an ending that fits the content (the present one where none is given).

    Raises ValidationError for the ending of another type.
    """
    name = clean_file_name(name, fallback="")
    if not name:
        raise ValidationError(_("Give it a name."), code="required")
    ending, own = ending_of(name), TYPES[document.kind].endings
    if ending not in own:
        if ending in {each for other in TYPES.values() for each in other.endings}:
            about = {"ending": ending, "content": TYPES[document.kind].label}
            text = _("The ending %(ending)s does not fit: the content is %(content)s.")
            raise ValidationError(text % about, code="ending")
        name += ending_of(document.name) or own[0]
    return shorten(name)


def rename_document(
    *, user: Any, document: Document, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change the name of a document; the record's time line shows it. Raises StaleVersion."""
    return change_record(user=user, obj=document, values=values, version=version, also=document.also_on)


@transaction.atomic
def delete_documents(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move documents to the bin as one batch; returns the batch, by which they come back."""
    documents = list(Document.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    models.prefetch_related_objects(documents, "record")
    removed = [
        Change("document_removed", one.record, data={"document": one.pk, "removed": [one.name]})
        for one in documents
        if one.record is not None
    ]
    record_many(user=user, changes=removed)
    return move_to_bin(user=user, objs=documents, batch=batch)
