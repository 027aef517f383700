"""Changing records: the lock, the version check and the event that every verb shares."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from django.db import models, transaction

from digiweb.audit import Change, differences, record, record_many, snapshot
from digiweb.carriers import copies_of, follow
from digiweb.crypto import EncryptedTextField
from digiweb.custom import book_of, columns_of, index, is_custom, names_of, set_value, told
from digiweb.fields import DerivedMixin
from digiweb.models import Record, StaleVersion
from digiweb.saving import insert_objects, update_objects

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


def create_many(
    *,
    user: Any,
    objs: Sequence[R],
    also: Callable[[R], tuple[Any, ...]] = lambda obj: (),
    action: str = "created",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Save many new records of one model and their events, in a few statements; they have their numbers then.

    The caller holds the transaction. `also(obj)` names the other records of an event, once all are saved.
    """
    insert_objects(objs)
    filled = [obj for obj in objs if names_of(obj)]
    book = book_of(type(filled[0])) if filled else {}
    record_many(
        user=user,
        changes=[Change(action, obj, initial_values(obj, book), data or {}, also(obj)) for obj in objs],
    )
    index(filled)


def initial_values(obj: models.Model, book: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
    """{field: [None, value]} of what a new record was given, for its "created" event.

    `book` (digiweb/custom.py) spares a query to whoever asks for many records.
    """
    names = [name for name in _given_fields(type(obj)) if getattr(obj, name) not in (None, "")]
    values = snapshot(obj, [*names, *names_of(obj)])
    return told(type(obj), {name: [None, value] for name, value in values.items()}, book)


@cache
def _given_fields(model: type[models.Model]) -> tuple[str, ...]:
    """The columns that somebody fills in, and that the log may show."""
    sealed = sealed_fields(model)
    fields = [field for field in model._meta.concrete_fields if field.editable and not field.primary_key]
    return tuple(field.name for field in fields if field.name not in sealed)


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


def change_many(*, user: Any, objs: Sequence[R], values: Mapping[str, Any], **kwargs: Any) -> list[R]:
    """Set the same `values` on many locked records; returns those that differed. Otherwise `change_each`."""
    changed = change_each(user=user, wanted=[(obj, values) for obj in objs], **kwargs)
    return [obj for obj in objs if obj.pk in changed]


def change_each(
    *,
    user: Any,
    wanted: Sequence[tuple[R, Mapping[str, Any]]],
    also: Callable[[R], tuple[Any, ...]] = lambda obj: (),
    action: str | Callable[[R, Mapping[str, Any]], str] = "changed",
    unlogged: Collection[str] = (),
    data: Mapping[str, Any] | None = None,
) -> dict[int, dict[str, list[Any]]]:
    """Set its own values on each of many locked records of one model, in a few statements.

    Returns {number: {field: [before, after]}} of those that differed: only these get a version and an event.
    `also(obj)` names the other records of the event, `action` its name (or says so before the values are
    set); `unlogged` and `data` are those of `change_record`.

    The caller holds the transaction and the locks (`select_for_update`) and sees to what hangs
    on the changed fields.
    """
    if not wanted:
        return {}
    model = type(wanted[0][0])
    left_out = {*unlogged, *sealed_fields(model)}
    custom = any(is_custom(name) for _obj, values in wanted for name in values)
    book = book_of(model) if custom else {}
    found: dict[int, dict[str, list[Any]]] = {}
    changed, moved, events = [], [], []
    for obj, values in wanted:
        before, copied = snapshot(obj, values), copies_of(obj)
        name_of_event = action if isinstance(action, str) else action(obj, values)
        for name, value in values.items():
            set_value(obj, name, _as_kept(model, name, value))
        changes = differences(before, snapshot(obj, values))
        if not changes:
            continue
        obj.version += 1
        found[obj.pk] = changes
        changed.append(obj)
        if copies_of(obj) != copied:
            moved.append(obj.pk)
        logged = {name: pair for name, pair in changes.items() if name not in left_out}
        events.append(Change(name_of_event, obj, told(model, logged, book), data or {}, also(obj)))
    if changed:
        names = columns_of({name: None for changes in found.values() for name in changes})
        update_objects(changed, [*names, *derived_fields(model), "version", "updated_at"])
        if custom:
            index(changed)
        follow(model, moved)
        record_many(user=user, changes=events)
    return found


def _as_kept(model: type[models.Model], name: str, value: Any) -> Any:
    """An amount as the database gives it back, so that 1200 is no change of 1200.00."""
    if not isinstance(value, Decimal) or is_custom(name):
        return value
    field: Any = model._meta.get_field(name)
    return value.quantize(Decimal(1).scaleb(-field.decimal_places))
