"""Many objects saved in a few statements, for a fraction of what `bulk_create` and `bulk_update` cost.

Django compiles an expression for each value, and an update of n rows as n cases a column. Here a column's
values are converted together; new rows go by `insert_numbered`, changed ones as one JSON text that the
database takes apart. What fields do before they are saved (derived columns, automatic moments) they do here.
"""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connection, connections, models

from digiweb.inserts import insert_numbered

# Objects of one UPDATE at the most.
BATCH = 1000
_TAKEN_AS_THEY_ARE = (str, int, type(None))
_PREPARE_NOTHING = {
    field.get_prep_value
    for field in (models.CharField, models.TextField, models.IntegerField, models.AutoField)
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
    for obj in objs:
        obj._prepare_related_fields_for_save(operation_name="insert_objects")  # type: ignore[attr-defined]
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
    for obj in objs:
        obj._prepare_related_fields_for_save(operation_name="update_objects", fields=fields)  # type: ignore[attr-defined]
    statement = _update_statement(meta.model, tuple(fields))
    rows = [[obj.pk, *row] for obj, row in zip(objs, _rows(fields, objs, add=False), strict=True)]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH):
            cursor.execute(statement, [_to_json(rows[start : start + BATCH])])


@cache
def _update_statement(model: type[models.Model], fields: tuple[Any, ...]) -> str:
    """UPDATE with one parameter: [[number, value, …], …] as JSON."""
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
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
    return list(zip(*(_column(field, objs, add) for field in fields), strict=True))


def _column(field: Any, objs: Sequence[models.Model], add: bool) -> list[Any]:
    if type(field).pre_save is models.Field.pre_save:
        values = map(attrgetter(field.attname), objs)
    else:
        values = (field.pre_save(obj, add) for obj in objs)
    given = _TAKEN_AS_THEY_ARE if _keeps_values(field) else ()
    # Past the proxy, which looks for the thread's connection at each question of each value.
    here = connections[connection.alias]
    return [
        value if type(value) in given else _plain(field.get_db_prep_save(value, here)) for value in values
    ]


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
