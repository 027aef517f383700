"""Rows of the database as JSON and back, and what hangs on a row: the inside of the bin.

Rows are read and written as they are stored: no `save()`, no automatic dates, no derived columns.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, models

from digiweb.carriers import follow, refresh_carrier
from digiweb.changes import derived_fields
from digiweb.crypto import EncryptedTextField

BATCH = 500
Row = dict[str, Any]


@dataclass
class Snapshot:
    """One record with what hangs on it: the record's row first, then those that leave with it."""

    obj: models.Model
    rows: list[Row] = field(default_factory=list)
    # {"crm.contact.company": [ids]}: who pointed at the record, or was tied to it many-to-many
    # (then the key names the table between). Ties of a row that leaves with it end in "@<its id>".
    links: dict[str, list[int]] = field(default_factory=dict)

    def tie(self, key: str, target: models.Model, pk: int) -> None:
        key = key if target is self.obj else f"{key}@{target.pk}"
        self.links.setdefault(key, []).append(pk)


def take(objs: Sequence[models.Model]) -> list[Snapshot]:
    """Snapshots of locked records of one model, with all that their deletion would take along or cut."""
    snapshots = [Snapshot(obj, [row_of(obj)]) for obj in objs]
    seen = {_identity(obj) for obj in objs}
    _follow(type(objs[0]), {snapshot.obj.pk: (snapshot.obj, snapshot) for snapshot in snapshots}, seen)
    return snapshots


def _identity(obj: models.Model) -> tuple[str, Any]:
    return obj._meta.label_lower, obj.pk


def _follow(
    model: type[models.Model], owners: dict[Any, tuple[models.Model, Snapshot]], seen: set[tuple[str, Any]]
) -> None:
    """What points at rows of `model`; `owners` is {id: (row, the snapshot that it belongs to)}."""
    for relation in incoming(model):
        related, link = relation.related_model, relation.field
        if getattr(related, "worked_out", False):
            continue  # it goes with the row, and comes back by what the row's app does then
        pointing = related._base_manager.filter(**{f"{link.name}__in": list(owners)}).order_by("pk")
        key = f"{related._meta.label_lower}.{link.name}"
        if related._meta.auto_created:
            other = other_end(related, link)
            for target, pk in pointing.values_list(link.attname, other.attname):
                owners[target][1].tie(key, owners[target][0], pk)
        elif relation.on_delete is models.CASCADE:
            below = {}
            for child in pointing.select_for_update():
                if _identity(child) not in seen:
                    seen.add(_identity(child))
                    snapshot = owners[getattr(child, link.attname)][1]
                    snapshot.rows.append(row_of(child))
                    below[child.pk] = (child, snapshot)
            if below:
                _follow(related, below, seen)
        elif relation.on_delete not in (models.PROTECT, models.RESTRICT, models.DO_NOTHING):
            for target, pk in pointing.values_list(link.attname, "pk"):
                owners[target][1].tie(key, owners[target][0], pk)


def incoming(model: type[models.Model]) -> Iterator[Any]:
    """The foreign keys that point at a model, those of many-to-many tables included."""
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_one or relation.one_to_many):
            yield relation


def other_end(table: Any, link: Any) -> Any:
    """The second foreign key of a many-to-many table."""
    ends = [column for column in table._meta.concrete_fields if column.remote_field]
    return next(column for column in ends if column is not link)


def row_of(obj: models.Model) -> Row:
    """A row as JSON, in the shape of Django's serialisers; encrypted columns stay encrypted."""
    columns = (column for column in obj._meta.concrete_fields if not column.primary_key)
    return {
        "model": obj._meta.label_lower,
        "pk": obj.pk,
        "fields": {column.name: _to_json(column, obj) for column in columns},
    }


def _to_json(column: Any, obj: models.Model) -> Any:
    value = column.value_from_object(obj)
    if isinstance(column, EncryptedTextField):
        return column.get_prep_value(value)
    if value is None or isinstance(value, (bool, int, str)) or isinstance(column, models.JSONField):
        return value
    return column.value_to_string(obj)


def object_of(row: Row) -> models.Model:
    """The object of a row. Columns that came since have their default; those that went are left out."""
    model = apps.get_model(row["model"])
    obj: models.Model = model(pk=row["pk"])
    for column in model._meta.concrete_fields:
        if not column.primary_key and column.name in row["fields"]:
            setattr(obj, column.attname, _from_json(column, row["fields"][column.name]))
    return obj


def _from_json(column: Any, value: Any) -> Any:
    if isinstance(column, EncryptedTextField):
        return column.from_db_value(value, None, connection)
    if value is None or isinstance(column, models.JSONField):
        return value
    return column.target_field.to_python(value) if column.remote_field else column.to_python(value)


def insert(objs: Iterable[models.Model]) -> None:
    """Write rows as they were, under their numbers; those that others point at come first."""
    by_model: dict[type[models.Model], list[models.Model]] = {}
    for obj in objs:
        by_model.setdefault(type(obj), []).append(obj)
    for model in _in_order(by_model):
        columns = model._meta.concrete_fields
        # In the order of their numbers, so that a row that points at an elder of its table finds it.
        rows = sorted(by_model[model], key=lambda row: row.pk)
        size = min(BATCH, connection.ops.bulk_batch_size(columns, rows))
        for start in range(0, len(rows), size):
            # `raw`: no pre_save, which would put today's date as the day of creation.
            model._base_manager._insert(  # type: ignore[attr-defined]
                rows[start : start + size], fields=columns, using=connection.alias, raw=True
            )
        refresh_carrier(model, rows)


def _in_order(by_model: Mapping[type[models.Model], Any]) -> list[type[models.Model]]:
    ordered: list[type[models.Model]] = []

    def visit(model: type[models.Model], above: tuple[type[models.Model], ...]) -> None:
        if model in ordered or model in above:
            return
        for column in model._meta.concrete_fields:
            if column.remote_field and column.remote_field.model in by_model:
                visit(column.remote_field.model, (*above, model))
        ordered.append(model)

    for model in by_model:
        visit(model, ())
    return ordered


def existing(model: type[models.Model], pks: Iterable[Any]) -> set[Any]:
    """Which of these rows are there."""
    wanted = sorted(set(pks))
    found: set[Any] = set()
    for start in range(0, len(wanted), BATCH):
        rows = model._base_manager.filter(pk__in=wanted[start : start + BATCH])
        found.update(rows.values_list("pk", flat=True))
    return found


def derive_again(model: type[models.Model], pks: Iterable[int]) -> None:
    """Work out derived columns again after a link was cut or put back (a contact's score, its words)."""
    names = derived_fields(model)
    if not names:
        return
    wanted = sorted(set(pks))
    parents = [column.name for column in model._meta.concrete_fields if column.remote_field]
    for start in range(0, len(wanted), BATCH):
        rows = list(
            model._base_manager.filter(pk__in=wanted[start : start + BATCH]).prefetch_related(*parents)
        )
        for row in rows:
            for name in names:
                model._meta.get_field(name).pre_save(row, False)  # type: ignore[union-attr]
        model._base_manager.bulk_update(rows, names, batch_size=BATCH)
        follow(model, [row.pk for row in rows])
