"""Many objects saved in a few statements, for a fraction of what `bulk_create` and `bulk_update` cost.

Django compiles an expression for each value, and an update of n rows as n cases a column. Here a column's
values are converted together; new rows go by `insert_numbered`, changed ones as one JSON text that the
database takes apart. What fields do before they are saved (derived columns, automatic moments) they do here.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connection, connections, models
from django.utils import timezone

from digiweb.inserts import insert_numbered, stored

# Objects of one UPDATE at the most.
BATCH = 1000
_TAKEN_AS_THEY_ARE = (str, int, type(None))
_PREPARE_NOTHING = {
    models.Field.pre_save,
    models.CharField.get_prep_value,
    models.TextField.get_prep_value,
    models.IntegerField.get_prep_value,
    models.AutoField.get_prep_value,
}
_to_json = json.JSONEncoder(ensure_ascii=False).encode


def insert_objects(objs: Sequence[models.Model]) -> None:
    """Insert new objects of one model; they have their numbers afterwards, on every database.

    Linked objects may have got theirs since they were given.
    """
    if not objs:
        return
    meta = objs[0]._meta
    fields: list[Any] = [field for field in meta.concrete_fields if not field.primary_key]
    rows = _rows(fields, objs, add=True)
    numbers = insert_numbered(meta.model, [field.attname for field in fields], rows)
    for obj, number in zip(objs, numbers, strict=True):
        obj.pk = number
        obj._state.adding = False
        obj._state.db = connection.alias


def update_objects(objs: Sequence[models.Model], names: Iterable[str]) -> None:
    """Write these columns of objects of one model; the caller has locked them."""
    if not objs:
        return
    meta = objs[0]._meta
    fields: list[Any] = [meta.get_field(name) for name in names]
    statement = _update_statement(meta.model, tuple(fields))
    rows = [[obj.pk, *row] for obj, row in zip(objs, _rows(fields, objs, add=False), strict=True)]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH):
            cursor.execute(statement, [_to_json(rows[start : start + BATCH])])


@cache
def _update_statement(model: type[models.Model], fields: tuple[Any, ...]) -> str:
    """UPDATE with one parameter: [[number, value, …], …] as JSON."""
    quote, meta = connection.ops.quote_name, model._meta
    table, key = quote(meta.db_table), quote(str(meta.pk.column))
    columns = [quote(field.column) for field in fields]
    if connection.vendor == "mysql":
        given = ", ".join(f"v{place} LONGTEXT PATH '$[{place}]'" for place in range(1, len(columns) + 1))
        values = f"JSON_TABLE(%s, '$[*]' COLUMNS (id BIGINT PATH '$[0]', {given})) AS given"
        changes = ", ".join(f"{table}.{name} = given.v{place}" for place, name in enumerate(columns, 1))
        return f"UPDATE {table} JOIN {values} ON given.id = {table}.{key} SET {changes}"  # noqa: S608
    changes = ", ".join(
        f"{name} = json_extract(given.value, '$[{place}]')" for place, name in enumerate(columns, 1)
    )
    where = f"{table}.{key} = json_extract(given.value, '$[0]')"
    return f"UPDATE {table} SET {changes} FROM json_each(%s) AS given WHERE {where}"  # noqa: S608


def _rows(fields: Sequence[Any], objs: Sequence[models.Model], *, add: bool) -> list[tuple[Any, ...]]:
    """The values of these columns as the driver takes them, a row an object."""
    now = timezone.now()
    return list(zip(*(_column(field, objs, add, now) for field in fields), strict=True))


def _column(field: Any, objs: Sequence[models.Model], add: bool, now: datetime) -> list[Any]:
    if field.remote_field:
        values: Iterable[Any] = (_number(field, obj) for obj in objs)
    elif getattr(field, "auto_now", False) or (add and getattr(field, "auto_now_add", False)):
        for obj in objs:
            setattr(obj, field.attname, now)
        return [stored(now)] * len(objs)
    elif type(field).pre_save in _PREPARE_NOTHING:
        values = map(attrgetter(field.attname), objs)
    else:
        values = (field.pre_save(obj, add) for obj in objs)
    given = _TAKEN_AS_THEY_ARE if _keeps_values(field) else ()
    # Past the proxy, which looks for the thread's connection at each question of each value.
    here = connections[connection.alias]
    return [
        value if type(value) in given else _plain(field.get_db_prep_save(value, here)) for value in values
    ]


def _number(field: Any, obj: models.Model) -> Any:
    """The number of a linked object, which may have got it since it was given."""
    number = getattr(obj, field.attname)
    if number is None and field.is_cached(obj) and (linked := field.get_cached_value(obj)) is not None:
        number = getattr(linked, field.target_field.attname)
        if number is None:
            raise ValueError(f"{field} names an object that is not saved")
        setattr(obj, field.attname, number)
    return number


@cache
def _keeps_values(field: Any) -> bool:
    """Whether texts and numbers go into this column as they are: not those of encrypted or JSON columns."""
    while field.remote_field:
        field = field.target_field
    return type(field).get_prep_value in _PREPARE_NOTHING


def _plain(value: Any) -> Any:
    """Choices as their text, amounts as text, yes and no as numbers: what every statement takes."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return int(value)
    return str(value) if isinstance(value, Decimal) else value
