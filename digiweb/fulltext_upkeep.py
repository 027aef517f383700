"""Full-text indexes made anew when they have grown slow.

InnoDB keeps the number of every row that was deleted or whose words changed, and reads all of these at
each search: 7 ms for 100,000 of them, also where nothing is found. OPTIMIZE would drop them, but only with
a server-wide setting that the product's user may not touch; an index made anew has none (a million rows:
about a minute, during which the table can be read but not written).
"""

import logging
import time
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model

from digiweb.fulltext import FullTextIndex, match_query

logger = logging.getLogger(__name__)
# A search for a word that no row has takes 0.1 ms where no row was ever changed, however many there are, and
# 8 ms after an import of 100,000 rows was undone: this is a quarter of that, a tenth of what a search may
# take. InnoDB tells how many rows are deleted only after a server-wide setting, too: so it is measured.
SLOW_MS = 2.0
PROBES = 5


def indexed_words() -> list[tuple[type[Model], FullTextIndex]]:
    """Every full-text index of the house."""
    return [
        (model, index)
        for model in apps.get_models()
        for index in model._meta.indexes
        if isinstance(index, FullTextIndex)
    ]


def renew_words(*, slow_ms: float = SLOW_MS) -> list[str]:
    """Make the slow ones anew; returns their tables. Nothing where the database has none (SQLite)."""
    if connection.vendor != "mysql":
        return []
    slow = [(model, index) for model, index in indexed_words() if _probe(model, index) >= slow_ms]
    for model, index in slow:
        _renew(model, index)
    return [model._meta.db_table for model, _index in slow]


def _probe(model: type[Model], index: FullTextIndex) -> float:
    """Milliseconds of a search that finds nothing, at the best of a few times."""
    quote = connection.ops.quote_name
    columns = _columns(model, index)
    sql = f"SELECT 1 FROM {quote(model._meta.db_table)} WHERE MATCH ({columns}) AGAINST (%s IN BOOLEAN MODE)"  # noqa: S608
    taken = []
    for number in range(PROBES):
        started = time.perf_counter()
        with connection.cursor() as cursor:
            # Another word each time, and none that anybody has.
            cursor.execute(sql, [match_query([f"xqzjkvwq{number}"])])
            cursor.fetchall()
        taken.append((time.perf_counter() - started) * 1000)
    return min(taken)


def _renew(model: type[Model], index: FullTextIndex) -> None:
    """With the whole table: on one whose columns a migration added in place, MariaDB 10.11 makes the index
    without the rows that are there (measured; a second time it would be right).
    """
    quote = connection.ops.quote_name
    table, name = quote(model._meta.db_table), quote(index.name)
    started = time.perf_counter()
    columns = _columns(model, index)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP INDEX {name}, ADD FULLTEXT INDEX {name} ({columns}), FORCE")
    logger.info("The words of %s were indexed anew in %.1f s", table, time.perf_counter() - started)


def _columns(model: type[Model], index: FullTextIndex) -> str:
    fields: list[Any] = [model._meta.get_field(name) for name in index.fields]
    return ", ".join(connection.ops.quote_name(field.column) for field in fields)
