"""The bin: records leave their table whole, and come back under the same number (SPEC T13).

Their notes and events stay where they are: they name the record by kind and number.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.audit import Change, record_many, snapshot
from digiweb.crypto import EncryptedTextField
from digiweb.custom import book_of, names_of, told
from timeline.models import BinEntry, BinFile, Note
from timeline.models.bin import KEEP_DAYS
from timeline.models.event import subject_of
from timeline.services.bin_rows import (
    BATCH,
    Snapshot,
    derive_again,
    existing,
    insert,
    object_of,
    other_end,
    take,
)
from timeline.services.bin_subjects import find_subjects, hold_files, let_files_go, take_along

# What a model's app does when rows of it left or came back: sums, who sees what.
_followers: dict[type[models.Model], Callable[..., Any]] = {}
# How many obstacles to a return are told at once.
TOLD = 10


class Restored(NamedTuple):
    """What came back (labels of the records), and sentences on what could not be tied again."""

    labels: list[str]
    lost: list[str]


def register_bin(model: type[models.Model], after_change: Callable[..., Any]) -> None:
    """Call `after_change(objs, came=bool)` when rows of `model` went to the bin or came back.

    It runs in the same transaction, after all rows and links of the batch were written.
    """
    _followers[model] = after_change


@transaction.atomic
def move_to_bin(*, user: Any, objs: Iterable[models.Model], batch: uuid.UUID | None = None) -> uuid.UUID:
    """Delete records into the bin; returns the batch by which they come back together.

    What hangs on them leaves with them, links to them are remembered, one event "deleted" each bears
    their former values. Records that are gone already are passed over. Raises ValidationError when
    something else needs one of them; nothing is then deleted.
    """
    batch = batch or uuid.uuid4()
    by_model: dict[type[models.Model], list[Any]] = {}
    for obj in objs:
        by_model.setdefault(type(obj), []).append(obj.pk)
    for model, pks in by_model.items():
        pks.sort()
        for start in range(0, len(pks), BATCH):
            _remove(user, model, pks[start : start + BATCH], batch)
    return batch


def _remove(user: Any, model: type[models.Model], pks: Sequence[Any], batch: uuid.UUID) -> None:
    # The lock keeps others from tying anything to a record between our look and its deletion.
    rows = model._base_manager.select_for_update().filter(pk__in=pks).order_by("pk")
    objs = list(rows)
    if not objs:
        return
    models.prefetch_related_objects(objs, *_parents(model), *_many(model))
    snapshots = take(objs)
    along = take_along(snapshots)
    now = timezone.now()
    BinEntry.objects.bulk_create(
        [
            BinEntry(
                subject_type=subject_of(one.obj)[0],
                subject_id=one.obj.pk,
                label=str(one.obj)[:210],
                rows=one.rows,
                links=one.links,
                batch=batch,
                deleted_by=user,
                deleted_at=now,
            )
            for one in snapshots
        ],
        batch_size=100,
    )
    hold_files(batch, snapshots)
    book = book_of(model) if any(map(names_of, objs)) else {}
    record_many(user=user, changes=[_deleted(obj, batch, book) for obj in objs])
    for table, rows_of_table in along.items():
        table._base_manager.filter(pk__in=rows_of_table).delete()
    try:
        model._base_manager.filter(pk__in=[obj.pk for obj in objs]).delete()
    except (models.ProtectedError, models.RestrictedError) as error:
        raise ValidationError(_why_kept(error)) from error
    _after(snapshots, came=False)


def _parents(model: type[models.Model]) -> list[str]:
    return [column.name for column in model._meta.concrete_fields if column.remote_field]


def _many(model: type[models.Model]) -> list[str]:
    return [column.name for column in model._meta.many_to_many]


def _deleted(obj: models.Model, batch: uuid.UUID, book: Mapping[str, Any]) -> Change:
    """The event with the former values of all that a person can fill in; secrets stay out of it."""
    names = [
        column.name
        for column in obj._meta.concrete_fields
        if column.editable and not column.primary_key and not isinstance(column, EncryptedTextField)
    ]
    values = snapshot(obj, [*names, *names_of(obj)])
    for name in _many(type(obj)):
        values[name] = ", ".join(sorted(str(one) for one in getattr(obj, name).all()))
    changes = {name: [value, None] for name, value in values.items() if value not in (None, "")}
    return Change("deleted", obj, told(type(obj), changes, book), {"batch": str(batch)})


def _why_kept(error: Any) -> str:
    blocking = list(getattr(error, "protected_objects", None) or error.restricted_objects)
    names = ", ".join(f"{one._meta.verbose_name} “{one}”" for one in blocking[:3])
    return _("This cannot be deleted, it is still needed by: %(names)s.") % {
        "names": names + (" …" if len(blocking) > 3 else "")
    }


def _after(snapshots: Sequence[Snapshot], *, came: bool) -> None:
    """Derived columns of rows whose links changed, then the apps that registered."""
    touched: dict[type[models.Model], set[int]] = {}
    for one in snapshots:
        for key, pks in one.links.items():
            model = _link(key)[0]
            if not model._meta.auto_created:
                touched.setdefault(model, set()).update(pks)
    for model, ids in touched.items():
        derive_again(model, ids)
    moved: dict[type[models.Model], list[models.Model]] = {}
    for one in snapshots:
        moved.setdefault(type(one.obj), []).append(one.obj)
        for row in one.rows[1:]:
            model = apps.get_model(row["model"])
            if model in _followers:
                moved.setdefault(model, []).append(object_of(row))
    for model, objs in moved.items():
        if model in _followers:
            _followers[model](objs, came=came)


# --- Back


@transaction.atomic
def restore_from_bin(
    *, user: Any, batch: uuid.UUID | None = None, entries: Iterable[BinEntry] | None = None
) -> Restored:
    """Bring a batch, or some entries, back under the same numbers, with all that hung on them.

    Links are put back where nothing else took their place; what could not be is named in `lost`.
    What came back before is passed over. Raises ValidationError, and writes nothing, when the records
    are no longer in the bin or one cannot come back (a unique value is now another's).
    """
    wanted = Q(batch=batch) if entries is None else Q(pk__in=[entry.pk for entry in entries])
    found = list(BinEntry.objects.filter(wanted).select_for_update().order_by("pk"))
    if not found:
        raise ValidationError(_("This is no longer in the bin."))
    waiting = [entry for entry in found if entry.restored_at is None]
    lost: list[str] = []
    back = [Snapshot(object_of(entry.rows[0]), list(entry.rows), dict(entry.links)) for entry in waiting]
    children = [[object_of(row) for row in one.rows[1:]] for one in back]
    kept = _with_parents([one.obj for one in back], [child for below in children for child in below], lost)
    kept = find_subjects([one.obj for one in back], kept, lost)
    try:
        with transaction.atomic():
            insert([*(one.obj for one in back), *kept])
    except IntegrityError as error:
        raise ValidationError(_obstacles([*(one.obj for one in back), *kept])) from error
    for one in back:
        for key, pks in one.links.items():
            _tie(one, key, pks, lost)
    events = zip(back, waiting, strict=True)
    record_many(
        user=user,
        changes=[
            Change(
                "restored", one.obj, data={"batch": str(entry.batch)}, also=getattr(one.obj, "also_on", ())
            )
            for one, entry in events
        ],
    )
    _after(back, came=True)
    BinFile.objects.filter(entry__in=waiting).delete()
    BinEntry.objects.filter(pk__in=[entry.pk for entry in waiting]).update(
        restored_at=timezone.now(), rows=[], links={}
    )
    return Restored([entry.label for entry in waiting], lost)


def _with_parents(
    roots: Sequence[models.Model], children: Sequence[models.Model], lost: list[str]
) -> list[models.Model]:
    """The children that can come back; links to what is gone by now are emptied, and told.

    Raises ValidationError when a record itself cannot be without what is gone.
    """
    coming = {(type(obj), obj.pk) for obj in (*roots, *children)}
    gone = _gone_parents([*roots, *children], coming)
    for obj in roots:
        _without(obj, gone, lost, must=True)
    kept = []
    for child in children:
        if _without(child, gone, lost, must=False):
            kept.append(child)
    return kept


def _gone_parents(objs: Sequence[models.Model], coming: set[Any]) -> set[tuple[type[models.Model], Any]]:
    """(model, id) of every row that these point at and that neither exists nor comes back with them."""
    pointed: dict[type[models.Model], set[Any]] = {}
    for obj in objs:
        for column in obj._meta.concrete_fields:
            if column.remote_field and (pk := getattr(obj, column.attname)) is not None:
                pointed.setdefault(column.remote_field.model, set()).add(pk)
    gone: set[tuple[type[models.Model], Any]] = set()
    for model, pks in pointed.items():
        missing = {pk for pk in pks if (model, pk) not in coming}
        gone.update((model, pk) for pk in missing - existing(model, missing))
    return gone


def _without(obj: models.Model, gone: set[Any], lost: list[str], *, must: bool) -> bool:
    """Empty the links of a row to what is gone; whether the row can be without them."""
    for column in obj._meta.concrete_fields:
        if not column.remote_field or (column.remote_field.model, getattr(obj, column.attname)) not in gone:
            continue
        about = {"label": _name(obj), "field": column.verbose_name}
        if column.null:
            setattr(obj, column.attname, None)
            lost.append(_("%(label)s: %(field)s is gone and was left empty.") % about)
        elif must:
            raise ValidationError(_("%(label)s cannot come back: its %(field)s is gone.") % about)
        else:
            lost.append(_("%(label)s did not come back: its %(field)s is gone.") % about)
            return False
    return True


def _name(obj: models.Model) -> str:
    return f"{obj._meta.verbose_name} {obj.pk}"


def _obstacles(objs: Sequence[models.Model]) -> list[str]:
    """What stands in the way of rows that the database refused."""
    told: list[str] = []
    for obj in objs:
        try:
            obj.validate_unique()
            obj.validate_constraints()
        except ValidationError as error:
            told += [f"{obj}: {message}" for message in error.messages]
        if len(told) >= TOLD:
            break
    return told or [_("Something that came since stands in the way: nothing was brought back.")]


def _link(key: str) -> tuple[type[models.Model], Any, int]:
    """The table and foreign key of a remembered link, and the row it ends at (0: the record itself)."""
    path, _at, pk = key.partition("@")
    label, _dot, name = path.rpartition(".")
    model = apps.get_model(label)
    return model, model._meta.get_field(name), int(pk or 0)


def _tie(one: Snapshot, key: str, pks: Sequence[int], lost: list[str]) -> None:
    """Put one kind of link to a record back, where nothing took its place."""
    model, column, end = _link(key)
    target = end or one.obj.pk
    if end and end not in existing(column.remote_field.model, [end]):
        return  # the row that it ended at did not come back, which was told
    there = existing(other_end(model, column).remote_field.model if model._meta.auto_created else model, pks)
    if model._meta.auto_created:
        other = other_end(model, column)
        ties = [model(**{column.attname: target, other.attname: pk}) for pk in sorted(there)]
        model._base_manager.bulk_create(ties, ignore_conflicts=True, batch_size=BATCH)
        missing, kind = len(set(pks) - there), other.remote_field.model._meta.verbose_name_plural
    else:
        for start in range(0, len(pks), BATCH):
            rows = model._base_manager.filter(pk__in=pks[start : start + BATCH])
            rows.filter(**{f"{column.name}__isnull": True}).update(**{column.attname: target})
            for other_row in rows.exclude(**{column.attname: target}):
                about = {"label": str(one.obj), "other": str(other_row), "field": column.verbose_name}
                lost.append(_("%(label)s: “%(other)s” has another %(field)s by now.") % about)
        missing, kind = len(set(pks) - there), model._meta.verbose_name_plural
    if missing:
        about = {"label": str(one.obj), "count": missing, "kind": kind}
        lost.append(_("%(label)s: what was linked is gone: %(kind)s (%(count)s).") % about)


# --- Away for good


@transaction.atomic
def delete_for_good(*, user: Any, entries: QuerySet) -> int:
    """Empty the bin of these records before their time, with their notes; returns how many."""
    gone = list(entries.filter(restored_at=None).select_for_update().order_by("pk").defer("rows", "links"))
    record_many(user=user, changes=[Change("forgotten", entry) for entry in gone])
    let_files_go(entry.pk for entry in gone)
    BinEntry.objects.filter(pk__in=[entry.pk for entry in gone]).delete()
    _purge_notes([(entry.subject_type, entry.subject_id) for entry in gone])
    return len(gone)


def purge_bin() -> int:
    """Remove what has been in the bin for KEEP_DAYS, with its notes; returns how many records."""
    purged = 0
    before = timezone.now() - timedelta(days=KEEP_DAYS)
    while True:
        old = BinEntry.objects.filter(deleted_at__lt=before).order_by("pk")
        batch = list(old.values_list("pk", "subject_type", "subject_id", "restored_at")[:BATCH])
        if not batch:
            return purged
        with transaction.atomic():
            let_files_go(row[0] for row in batch)
            BinEntry.objects.filter(pk__in=[row[0] for row in batch]).delete()
            _purge_notes([(kind, pk) for _pk, kind, pk, restored_at in batch if restored_at is None])
        purged += sum(1 for row in batch if row[3] is None)


def _purge_notes(subjects: Sequence[tuple[str, int]]) -> None:
    """Notes are personal data: they go with the record, unless it is there again or still in the bin."""
    by_kind: dict[str, set[int]] = {}
    for kind, pk in subjects:
        by_kind.setdefault(kind, set()).add(pk)
    for kind, pks in by_kind.items():
        waiting = BinEntry.objects.filter(subject_type=kind, subject_id__in=pks, restored_at=None)
        kept = set(waiting.values_list("subject_id", flat=True))
        with suppress(LookupError):  # its module was removed since
            kept |= existing(apps.get_model(kind), pks)
        Note.objects.filter(subject_type=kind, subject_id__in=pks - kept).delete()
