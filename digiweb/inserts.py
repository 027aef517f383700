"""Many rows in one statement, without a model instance each: where imports spend their time.

`bulk_create` costs three times as much (measured on contacts), because it builds and converts an
object a row. Whoever comes here gives values as the driver takes them (`stored` for moments, JSON
as text) and looks after derived columns and automatic dates by themselves.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models.constants import OnConflict

# A statement of so many rows at the most; SQLite also limits its parameters.
ROWS = 1000
# Between cells, between rows, and for NULL while a statement is quoted. No text of ours holds them (cleaned
# cells, labels, JSON, which escapes them); a statement with one that does goes by the driver.
_CELL, _ROW, _NULL = "\x1f", "\x1d", "\x1e"
_PLAIN = {str, int, type(None)}


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


def add_to_lines(
    model: type[models.Model], key: Sequence[str], sums: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert lines of a roll-up, or add to those that are there: `rows` are values of `key`, then of `sums`.

    `key` are the columns of a unique index. Give the rows in one order everywhere, so that two transactions
    never wait for each other in a ring.
    """
    fields: list[Any] = [model._meta.get_field(name) for name in (*key, *sums)]
    kept = [[f.get_db_prep_save(v, connection) for f, v in zip(fields, row, strict=True)] for row in rows]
    quote = connection.ops.quote_name
    columns = [quote(_column(model, name)) for name in sums]
    if connection.vendor == "mysql":
        added = ", ".join(f"{name} = {name} + VALUES({name})" for name in columns)
        end = f" ON DUPLICATE KEY UPDATE {added}"
    else:
        added = ", ".join(f"{name} = {name} + excluded.{name}" for name in columns)
        end = f" ON CONFLICT ({', '.join(quote(_column(model, name)) for name in key)}) DO UPDATE SET {added}"
    names = [field.attname for field in fields]
    for chunk in _chunks(names, kept):
        with connection.cursor() as cursor:
            _execute(cursor, model, names, chunk, end)


def numbers_where(model: type[models.Model], name: str, values: Collection[str]) -> list[int]:
    """The rows whose column `name` holds one of many texts, by the database's own rules of comparison."""
    if not values:
        return []
    quote = connection.ops.quote_name
    given = list(values)
    start = f"SELECT id FROM {quote(model._meta.db_table)} WHERE {quote(_column(model, name))} IN "  # noqa: S608
    quoted = _quoted([given]) if connection.vendor == "mysql" else None
    with connection.cursor() as cursor:
        if quoted is None:
            cursor.execute(f"{start}({', '.join(['%s'] * len(given))})", given)
        else:
            cursor.execute(start + quoted)
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
    written = _quoted(rows) if connection.vendor == "mysql" else None
    if written is not None:
        cursor.execute(f"{start}{written}{end}")
        return
    places = ", ".join([f"({', '.join(['%s'] * len(names))})"] * len(rows))
    cursor.execute(f"{start}{places}{end}", [value for row in rows for value in row])


def _quoted(rows: Sequence[Sequence[Any]]) -> str | None:
    """ "('a','1',NULL),('b','2','x')": rows as SQL; None when only the driver knows a value's kind.

    The driver quotes one value a call, which was a quarter of an import's time. Here its own
    `escape_string` takes all of them at once, joined by characters that it leaves alone; that none of
    the values holds one of these is made sure by counting. (A quoted number is a number to MySQL.)
    """
    width, nulls = len(rows[0]), 0
    line = _CELL.join(["%s"] * width)
    lines: list[str] = []
    kinds: set[type] = set()
    for row in rows:
        kinds.update(map(type, row))
        if None in row:
            nulls += row.count(None)
            row = [_NULL if value is None else value for value in row]
        lines.append(line % tuple(row))
    joined = _ROW.join(lines)
    counts = (joined.count(_CELL), joined.count(_ROW), joined.count(_NULL))
    if not kinds <= _PLAIN or counts != (len(rows) * (width - 1), len(rows) - 1, nulls):
        return None
    connection.ensure_connection()
    driver: Any = connection.connection
    escaped: str = driver.escape_string(joined.encode()).decode()
    cells = escaped.replace(_ROW, "'),('").replace(_CELL, "','")
    # With its quotes, so that a NULL that stands first or last of all is one too.
    return f"('{cells}')".replace(f"'{_NULL}'", "NULL")


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


def insert_once(row: Any, *unique: str) -> None:
    """Insert a row unless its twin is there.

    Not by `get_or_create`: a refused INSERT leaves InnoDB's lock for reading on the twin, and two that
    hold it and then both want to write wait for each other. ON DUPLICATE KEY UPDATE locks for writing.
    """
    objects = type(row).objects
    if objects.filter(**{name: getattr(row, name) for name in unique}).exists():
        return
    targets = list(unique) if connection.features.supports_update_conflicts_with_target else None
    objects.bulk_create([row], update_conflicts=True, update_fields=[unique[0]], unique_fields=targets)
