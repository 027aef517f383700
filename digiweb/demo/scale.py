# ruff: noqa: SIM905 (lists of syllables read better as text)
"""The ground of `manage.py seed_scale`: many rows, written fast, with figures to measure against.

Each app's `demo` module may have `scale(scale)` and `scale_finish(scale)`. Rows are tuples in the order of
the columns they name and go to the database in multi-row INSERTs, by a thread of their own: while the
server writes a batch, the next one is made.
"""

import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import accumulate, islice
from queue import Queue
from threading import Thread
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from digiweb.demo.names import LAST_NAMES
from digiweb.fulltext import FullTextIndex

BATCH = 5000
# Words that benchmarks look for (tests/bench), each on so many rows.
RARE_NAME, RARE_ROWS = "Quilliveré", 60
YEARS = 3
_SYLLABLES = "ba be bou cha char del dre du fa fer gal gou guer ha jou ker la lan le lou mar mer mon mou nar \
pel per pou quen ra ri ros sau ser tan tel ter til tou val ver vil".split()
_ENDINGS = "ac ain ard art aud eau el er et eux ez ier in is ois ol on ot oux y".split()


class Scale:
    """One filling: how many contacts, who is there, and the writer."""

    def __init__(
        self,
        contacts: int,
        *,
        deals: int = 0,
        contracts: int = 0,
        invoices: int = 0,
        seed: int = 1,
        report: Any = None,
    ) -> None:
        self.contacts = contacts
        self.deals = deals
        self.contracts = contracts
        self.invoices = invoices
        self.random = random.Random(seed)  # noqa: S311 (repeatable on purpose)
        self.end = timezone.now().replace(microsecond=0)
        self.start = self.end - timedelta(days=YEARS * 365)
        # Filled by people/demo.py: numbers of people by key ("admin", "few", "many", "manager", "seller-07").
        self.people: dict[str, int] = {}
        # Filled by crm/demo/scale.py: records on which a lot is to hang.
        self.busy: list[tuple[str, int]] = []
        self.report = report

    def moment(self, place: int, of: int) -> datetime:
        """When the row at `place` of `of` was added: rows grow evenly over the years."""
        return self.start + timedelta(seconds=int((self.end - self.start).total_seconds() * place / of))

    def write(
        self, model: type[models.Model], columns: Sequence[str], rows: Iterable[Any], total: int = 0
    ) -> None:
        """INSERT `rows`, a transaction a batch, with progress."""
        started, done = time.monotonic(), 0
        queue: Queue[list[Any] | None] = Queue(maxsize=3)
        failures: list[BaseException] = []
        thread = Thread(
            target=_insert_batches, args=(_statement(model, columns), queue, failures), daemon=True
        )
        thread.start()
        for batch in batches(iter(rows), BATCH):
            queue.put(batch)
            done += len(batch)
            if failures:
                break
            self._progress(model, done, total, started)
        queue.put(None)
        thread.join()
        if failures:
            raise failures[0]
        self._progress(model, done, total, started, final=True)

    def _progress(
        self, model: type[models.Model], done: int, total: int, started: float, *, final: bool = False
    ) -> None:
        if not self.report or not (final or sys.stderr.isatty()):
            return
        seconds = time.monotonic() - started
        label = str(model._meta.verbose_name_plural)
        of = f" of {total:,}" if total and not final else ""
        text = f"  {label}: {done:,}{of} in {seconds:.1f} s ({done / max(seconds, 0.001):,.0f}/s)"
        self.report(text + " " * 10, ending="\n" if final else "\r")


@contextmanager
def without_words(*tables: type[models.Model]) -> Iterator[None]:
    """Fill empty tables without most of their indexes, and build them at the end: three times faster.

    Tables that hold rows keep theirs, as does a database that has no full-text index.
    """
    bare = [model for model in tables if connection.vendor == "mysql" and not model._default_manager.exists()]
    words = [
        (model, each) for model in bare for each in model._meta.indexes if isinstance(each, FullTextIndex)
    ]
    with connection.schema_editor() as editor:
        for model, index in words:
            editor.remove_index(model, index)
        for model in bare:
            _alter(editor, model, "DROP INDEX {name}")
            # Made anew: on a table whose columns a migration added in place, MariaDB 10.11 builds a full-text
            # index that was dropped meanwhile without the rows that came in between.
            editor.execute(f"ALTER TABLE {editor.quote_name(model._meta.db_table)} FORCE")
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            for model in bare:
                _alter(editor, model, "ADD INDEX {name} ({columns})")
            for model, index in words:
                editor.add_index(model, index)


def _alter(editor: Any, model: type[models.Model], change: str) -> None:
    """The same change of all indexes that no foreign key needs, in one pass over the table."""
    quote = editor.quote_name
    changes, needed = [], set()
    for index in model._meta.indexes:
        columns = [model._meta.get_field(name) for name in index.fields]
        first: Any = columns[0]
        if isinstance(index, FullTextIndex) or (first.remote_field and first not in needed):
            needed.add(first)
            continue
        names = ", ".join(quote(column.column) for column in columns)  # type: ignore[union-attr]
        changes.append(change.format(name=quote(index.name), columns=names))
    if changes:
        editor.execute(f"ALTER TABLE {quote(model._meta.db_table)} {', '.join(changes)}")


def surnames(rng: random.Random, number: int) -> tuple[list[str], list[float]]:
    """`number` names and their cumulated weights: few are frequent, most are rare (Zipf)."""
    names = dict.fromkeys(LAST_NAMES)
    while len(names) < number:
        names["".join(rng.choices(_SYLLABLES, k=rng.randint(1, 3))).capitalize() + rng.choice(_ENDINGS)] = (
            None
        )
    return list(names), list(accumulate(1 / (rank + 12) for rank in range(len(names))))


def batches(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """`rows` in lists of `size`."""
    while batch := list(islice(rows, size)):
        yield batch


def _statement(model: type[models.Model], columns: Sequence[str]) -> str:
    quote = connection.ops.quote_name
    names = ", ".join(quote(name) for name in columns)
    places = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608


def _insert_batches(sql: str, queue: "Queue[list[Any] | None]", failures: list[BaseException]) -> None:
    """The writer's thread, on a connection of its own; goes on emptying the queue after a failure."""
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "mysql":
                # The rows are ours and right: no look-up of each key while they go in.
                cursor.execute("SET unique_checks = 0, foreign_key_checks = 0")
                cursor.cursor.cursor.max_stmt_length = 1024 * 1024
            while (batch := queue.get()) is not None:
                with transaction.atomic():
                    cursor.executemany(sql, batch)
    except BaseException as error:
        failures.append(error)
        while queue.get() is not None:
            pass
    finally:
        connection.close()
