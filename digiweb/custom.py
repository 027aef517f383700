"""Custom fields, as far as the ground must know them: named values in one JSON column of a `CustomRecord`.

`custom = {"hosting": "ovh"}` is read and written field by field under the name `custom_hosting`: forms,
lists, changes, the audit log and merges treat it as one more column. What fields there are, how a value reads
and the tables by which records are found, the app that owns the definitions hands over (`register_custom`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import models

PREFIX = "custom_"
COLUMN = "custom"


class Owner(NamedTuple):
    """The app that knows the fields of a model."""

    # {key: definition with `.logged(value)`}, in one query.
    book: Callable[[], Mapping[str, Any]]
    # Bring the tables by which these records are found in line with their values.
    follow: Callable[[Sequence[Any]], Any]


_owners: dict[type[models.Model], Owner] = {}


def register_custom(
    model: type[models.Model],
    book: Callable[[], Mapping[str, Any]],
    follow: Callable[[Sequence[Any]], Any],
) -> None:
    """Called once a model, from the app's `apps.py`."""
    _owners[model] = Owner(book, follow)


def is_custom(name: str) -> bool:
    return name.startswith(PREFIX)


def key_of(name: str) -> str:
    return name[len(PREFIX) :]


def value_of(obj: Any, name: str) -> Any:
    """The value of a field of a record, whether it is a column or a custom field."""
    if is_custom(name) and hasattr(obj, COLUMN):
        return (obj.custom or {}).get(key_of(name))
    return getattr(obj, name)


def set_value(obj: Any, name: str, value: Any) -> None:
    """The counterpart of `value_of`; None empties a custom field."""
    if not (is_custom(name) and hasattr(obj, COLUMN)):
        setattr(obj, name, value)
        return
    values = {**(obj.custom or {}), key_of(name): value}
    # In a fixed order, so that the same values are the same text.
    obj.custom = {key: values[key] for key in sorted(values) if values[key] is not None} or None


def columns_of(names: Iterable[str]) -> list[str]:
    """The columns in which these fields are kept."""
    return list(dict.fromkeys(COLUMN if is_custom(name) else name for name in names))


def names_of(obj: Any) -> list[str]:
    """The custom fields that a record has values of."""
    return [f"{PREFIX}{key}" for key in getattr(obj, COLUMN, None) or {}]


def flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A row's columns with the custom fields one by one."""
    values = {name: value for name, value in fields.items() if name != COLUMN}
    return {**values, **{f"{PREFIX}{key}": value for key, value in (fields.get(COLUMN) or {}).items()}}


def book_of(model: type[models.Model]) -> Mapping[str, Any]:
    """{key: definition} of a model's custom fields; a query."""
    owner = _owners.get(model)
    return owner.book() if owner else {}


def told(
    model: type[models.Model], changes: Mapping[str, list[Any]], book: Mapping[str, Any] | None = None
) -> dict[str, list[Any]]:
    """Changes as the log keeps them: a custom field with its label, so that it reads when it is gone.

    `book` spares the query to whoever writes many.
    """
    if not any(map(is_custom, changes)):
        return dict(changes)
    known = book_of(model) if book is None else book
    found: dict[str, list[Any]] = {}
    for name, pair in changes.items():
        field = known.get(key_of(name)) if is_custom(name) else None
        found[name] = [None if value is None else field.logged(value) for value in pair] if field else pair
    return found


def index(records: Sequence[Any]) -> None:
    """Records are found by what they hold now; called in the transaction of the change."""
    owner = _owners.get(type(records[0])) if records else None
    if owner:
        owner.follow(records)
