"""What goes to the bin with a record although no foreign key leads to it: its documents, and their files.

Tables whose rows name a record by kind and number say `leaves_with_subject = True`; records with a file of
their own that nobody else keeps say `bin_holds_files = True`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from digiweb.jobs import enqueue, function_at
from timeline.models import BinEntry, BinFile, Merge
from timeline.services.bin_rows import BATCH, Snapshot, row_of


def leaving_tables() -> list[Any]:
    return [model for model in apps.get_models() if getattr(model, "leaves_with_subject", False)]


def take_along(snapshots: Sequence[Snapshot]) -> dict[Any, list[int]]:
    """Add to each snapshot the rows that name its records; returns which rows are now to be deleted."""
    owners: dict[str, dict[int, Snapshot]] = {}
    for snapshot in snapshots:
        for row in snapshot.rows:
            owners.setdefault(row["model"], {})[row["pk"]] = snapshot
    leaving: dict[Any, list[int]] = {}
    for table in leaving_tables():
        for kind, found in owners.items():
            rows = table._base_manager.filter(subject_type=kind, subject_id__in=list(found))
            for row in rows.select_for_update().order_by("pk"):
                found[row.subject_id].rows.append(row_of(row))
                leaving.setdefault(table, []).append(row.pk)
    return leaving


def hold_files(batch: Any, snapshots: Sequence[Snapshot]) -> None:
    """Remember which files the entries of a batch need, so that nobody takes them for left over."""
    wanted: dict[tuple[str, int], list[str]] = {}
    for snapshot in snapshots:
        names = [name for row in snapshot.rows for name in _files_of(row)]
        if names:
            wanted[snapshot.obj._meta.label_lower, snapshot.obj.pk] = names
    if not wanted:
        return
    pks = [pk for _kind, pk in wanted]
    entries = BinEntry.objects.filter(batch=batch, subject_id__in=pks, restored_at=None)
    held = [
        BinFile(entry_id=entry, name=name)
        for entry, kind, pk in entries.values_list("pk", "subject_type", "subject_id")
        for name in wanted.get((kind, pk), ())
    ]
    BinFile.objects.bulk_create(held, batch_size=BATCH)


def _files_of(row: dict[str, Any]) -> list[str]:
    model = apps.get_model(row["model"])
    if not (getattr(model, "leaves_with_subject", False) or getattr(model, "bin_holds_files", False)):
        return []
    columns = [column.name for column in model._meta.concrete_fields if isinstance(column, models.FileField)]
    return [row["fields"][name] for name in columns if row["fields"].get(name)]


def let_files_go(entries: Iterable[int]) -> None:
    """These entries end: a job removes the files that only they needed, once that is committed."""
    held = BinFile.objects.filter(entry_id__in=list(entries))
    names = list(held.values_list("name", flat=True))
    held.delete()
    for start in range(0, len(names), BATCH):
        enqueue(
            function_at("timeline.jobs.remove_files"),
            label=_("Delete files"),
            names=names[start : start + BATCH],
        )


def find_subjects(
    roots: Sequence[models.Model], children: Sequence[models.Model], lost: list[str]
) -> list[models.Model]:
    """The children that have a record to come back to; one that was merged since is found under its number.

    Raises ValidationError when a record that was deleted alone (a document) has none.
    """
    coming = {(obj._meta.label_lower, obj.pk) for obj in (*roots, *children)}
    for obj in roots:
        if not _finds_subject(obj, coming):
            about = {"label": str(obj)}
            raise ValidationError(_("“%(label)s” cannot come back: the record it was on is gone.") % about)
    kept = []
    for child in children:
        if _finds_subject(child, coming):
            kept.append(child)
        else:
            about = {"label": str(child)}
            lost.append(_("“%(label)s” did not come back: the record it was on is gone.") % about)
    return kept


def _finds_subject(obj: Any, coming: set[tuple[str, int]]) -> bool:
    if not getattr(obj, "leaves_with_subject", False) or (obj.subject_type, obj.subject_id) in coming:
        return True
    try:
        model = apps.get_model(obj.subject_type)
    except (LookupError, ValueError):
        return False
    pk, seen = obj.subject_id, set()
    while pk is not None and pk not in seen:
        # Locked, so that it does not leave before the document is there.
        if model._base_manager.select_for_update().filter(pk=pk).exists():
            obj.subject_id = pk
            return True
        seen.add(pk)
        merges = Merge.objects.filter(subject_type=obj.subject_type, lost_id=pk, undone_at=None)
        pk = merges.order_by("-pk").values_list("kept_id", flat=True).first()
    return False
