"""Changing records: the lock, the version check and the event that every verb shares."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

from digiweb.audit import Change, differences, record, record_many, snapshot
from digiweb.carriers import copies_of, follow
from digiweb.crypto import EncryptedTextField
from digiweb.custom import book_of, columns_of, index, is_custom, names_of, set_value, told
from digiweb.fields import DerivedMixin
from digiweb.models import Record, StaleVersion

BATCH = 1000
R = TypeVar("R", bound=Record)


def derived_fields(model: type[models.Model]) -> list[str]:
    """The columns that follow from others and must be saved with them."""
    return [field.name for field in model._meta.concrete_fields if isinstance(field, DerivedMixin)]


def sealed_fields(model: type[models.Model]) -> set[str]:
    """The encrypted columns: their values stand in no log, whoever writes it."""
    return {field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)}


def create_record(*, user: Any, obj: R, also: Iterable[Any] = (), data: Any = None) -> R:
    """Save a new record and its "created" event."""
    with transaction.atomic():
        obj.save(force_insert=True)
        record(user=user, action="created", obj=obj, changes=initial_values(obj), also=also, data=data)
        if names_of(obj):
            index([obj])
    return obj


def initial_values(obj: models.Model, book: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
    """{field: [None, value]} of what a new record was given, for its "created" event.

    `book` (digiweb/custom.py) spares a query to whoever asks for many records.
    """
    fields = [field.name for field in obj._meta.concrete_fields if field.editable and not field.primary_key]
    sealed = sealed_fields(type(obj))
    names = [name for name in fields if name not in sealed and getattr(obj, name) not in (None, "")]
    values = snapshot(obj, [*names, *names_of(obj)])
    return told(type(obj), {name: [None, value] for name, value in values.items()}, book)


def change_record(
    *,
    user: Any,
    obj: R,
    values: Mapping[str, Any],
    version: int | None = None,
    also: Iterable[Any] = (),
    action: str = "changed",
    unlogged: Collection[str] = (),
    data: Mapping[str, Any] | None = None,
) -> dict[str, list[Any]]:
    """Set `values` on the locked row, save what differs, count the version up, record the event.

    `action` names the event, `data` goes into it; what is in `unlogged` is saved but left out of it.

    Returns {field: [before, after]}, empty when nothing differs. With `version`, raises
    StaleVersion when somebody saved the record since that version was read. `obj` then holds
    what is in the database.
    """
    with transaction.atomic():
        current = type(obj)._default_manager.select_for_update().get(pk=obj.pk)
        if version is not None and current.version != version:
            raise StaleVersion(current)
        before, copied = snapshot(current, values), copies_of(current)
        for name, value in values.items():
            set_value(current, name, value)
        changes = differences(before, snapshot(current, values))
        if changes:
            current.version += 1
            derived = derived_fields(type(obj))
            current.save(update_fields=[*columns_of(changes), *derived, "version", "updated_at"])
            if copies_of(current) != copied:
                follow(type(obj), [current.pk])
            if any(map(is_custom, changes)):
                index([current])
            left_out = {*unlogged, *sealed_fields(type(obj))}
            logged = {name: pair for name, pair in changes.items() if name not in left_out}
            logged = told(type(obj), logged)
            record(user=user, action=action, obj=current, changes=logged, also=also, data=data)
        obj.__dict__.update(current.__dict__)
    return changes


def change_many(
    *,
    user: Any,
    objs: Sequence[R],
    values: Mapping[str, Any],
    also: Callable[[R], tuple[Any, ...]] | None = None,
    action: str = "changed",
    unlogged: Collection[str] = (),
) -> list[R]:
    """Set the same `values` on many locked records; returns those that differed.

    `also(obj)` names the other records of an event; `action` and `unlogged` are those of `change_record`.

    The caller holds the transaction and the locks (`select_for_update`) and sees to what hangs
    on the changed fields.
    """
    changed, events = [], []
    copied: dict[int, dict[str, Any]] = {}
    left_out = {*unlogged, *(sealed_fields(type(objs[0])) if objs else ())}
    custom = any(map(is_custom, values))
    book = book_of(type(objs[0])) if custom and objs else {}
    now = timezone.now()
    for obj in objs:
        before, copied[obj.pk] = snapshot(obj, values), copies_of(obj)
        for name, value in values.items():
            set_value(obj, name, value)
        differs = differences(before, snapshot(obj, values))
        if differs:
            obj.version += 1
            obj.updated_at = now
            changed.append(obj)
            logged = {name: pair for name, pair in differs.items() if name not in left_out}
            logged = told(type(obj), logged, book)
            events.append(Change(action, obj, logged, also=also(obj) if also else ()))
    if changed:
        model = type(changed[0])
        derived = derived_fields(model)
        for obj in changed:
            for name in derived:
                field: Any = model._meta.get_field(name)
                field.pre_save(obj, False)
        model._default_manager.bulk_update(
            changed, [*columns_of(values), *derived, "version", "updated_at"], batch_size=BATCH
        )
        if custom:
            index(changed)
        follow(model, [obj.pk for obj in changed if copies_of(obj) != copied[obj.pk]])
        record_many(user=user, changes=events)
    return changed
