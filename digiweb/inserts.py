"""Many rows in one statement, without a model instance each: where imports spend their time.

`bulk_create` costs three times as much (measured on contacts), because it builds and converts an
object a row. Whoever comes here gives values as the driver takes them (`stored` for moments, JSON
as text) and looks after derived columns and automatic dates by themselves.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models.constants import OnConflict

# A statement of so many rows at the most; SQLite also limits its parameters.
ROWS = 1000
# No text of ours holds it (cleaned cells, labels, JSON, which escapes it); one that does goes the slow way.
_SEPARATOR = "\x1f"


def stored(moment: datetime) -> Any:
    """A moment as the driver takes it."""
    return connection.ops.adapt_datetimefield_value(moment)


def insert_rows(
    model: type[models.Model],
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    ignore: bool = False,
    replace: Sequence[str] = (),
) -> None:
    """Insert `rows` (values of the columns of `names`, fields as `attname`).

    With `ignore`, rows whose unique key is there already are passed over. With `replace`, those columns
    of a row whose `id` is there already take the new values: for rows that the caller has locked.
    """
    for chunk in _chunks(names, rows):
        with connection.cursor() as cursor:
            _execute(cursor, model, names, chunk, _on_conflict(model, replace), ignore=ignore)


def insert_numbered(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> list[int]:
    """Insert `rows` and return the number that each got, in their order."""
    numbers: list[int] = []
    returning = connection.features.can_return_rows_from_bulk_insert
    for chunk in _chunks(names, rows):
        with connection.cursor() as cursor:
            _execute(cursor, model, names, chunk, " RETURNING id" if returning else "")
            if returning:
                numbers += [row[0] for row in cursor.fetchall()]
                continue
            # MySQL: the rows of one statement whose number is known get numbers in steps of this width.
            first = cursor.lastrowid
            cursor.execute("SELECT @@auto_increment_increment")
            step = cursor.fetchone()[0]
            numbers += range(first, first + step * len(chunk), step)
    return numbers


def numbers_where(model: type[models.Model], name: str, values: Collection[str]) -> list[int]:
    """The rows whose column `name` holds one of many texts, by the database's own rules of comparison."""
    if not values:
        return []
    quote = connection.ops.quote_name
    given = list(values)
    start = f"SELECT id FROM {quote(model._meta.db_table)} WHERE {quote(_column(model, name))} IN "  # noqa: S608
    literals = _literals(given) if connection.vendor == "mysql" else None
    with connection.cursor() as cursor:
        if literals is None:
            cursor.execute(f"{start}({', '.join(['%s'] * len(given))})", given)
        else:
            cursor.execute(f"{start}({','.join(literals)})")
        return [row[0] for row in cursor.fetchall()]


def _chunks(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterable[Sequence[Sequence[Any]]]:
    most = connection.features.max_query_params
    size = min(ROWS, most // len(names)) if most else ROWS
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _execute(
    cursor: Any,
    model: type[models.Model],
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    end: str,
    *,
    ignore: bool = False,
) -> None:
    quote = connection.ops.quote_name
    conflict = OnConflict.IGNORE if ignore else None
    columns = ", ".join(quote(_column(model, name)) for name in names)
    verb = connection.ops.insert_statement(on_conflict=conflict)
    end = connection.ops.on_conflict_suffix_sql([], conflict, [], []) + end
    start = f"{verb} {quote(model._meta.db_table)} ({columns}) VALUES "
    values = [value for row in rows for value in row]
    literals = _literals(values) if connection.vendor == "mysql" else None
    if literals is None:
        places = ", ".join([f"({', '.join(['%s'] * len(names))})"] * len(rows))
        cursor.execute(f"{start}{places}{end}", values)
        return
    width = len(names)
    written = ",".join([f"({','.join(literals[at : at + width])})" for at in range(0, len(literals), width)])
    cursor.execute(f"{start}{written}{end}")


def _literals(values: Sequence[Any]) -> list[str] | None:
    """The values as SQL; None when one is of a kind that only the driver knows.

    The driver quotes one value a call, which was a quarter of an import's time. Its own
    `escape_string` here takes all texts of the statement at once, joined by a character that it leaves
    alone and that none of them holds.
    """
    texts = [value for value in values if value.__class__ is str]
    joined = _SEPARATOR.join(texts)
    if joined.count(_SEPARATOR) != max(len(texts) - 1, 0):
        return None
    connection.ensure_connection()
    driver: Any = connection.connection
    escaped: Iterator[str] = iter(driver.escape_string(joined.encode()).decode().split(_SEPARATOR))
    literals: list[str] = []
    for value in values:
        if value.__class__ is str:
            literals.append(f"'{next(escaped)}'")
        elif value is None:
            literals.append("NULL")
        elif value.__class__ is int:
            literals.append(str(value))
        elif value.__class__ is bool:
            literals.append("1" if value else "0")
        else:
            return None
    return literals


def _on_conflict(model: type[models.Model], replace: Sequence[str]) -> str:
    if not replace:
        return ""
    quote = connection.ops.quote_name
    columns = [quote(_column(model, name)) for name in replace]
    if connection.vendor == "mysql":
        return " ON DUPLICATE KEY UPDATE " + ", ".join(f"{name} = VALUES({name})" for name in columns)
    return " ON CONFLICT (id) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in columns)


def _column(model: type[models.Model], name: str) -> str:
    # By attname or name, so that nothing else than a column of the model ever enters the statement.
    for field in model._meta.concrete_fields:
        if name in (field.attname, field.name):
            return str(field.column)
    raise LookupError(f"{model.__name__} has no column {name}")
