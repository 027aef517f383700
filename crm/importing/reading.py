"""From an uploaded file to rows that are ready to be written, a batch at a time."""

import gc
import re
import sys
from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingType
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Generic, TypeVar

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from crm.importing.draft import TEXTS, Draft
from crm.importing.fields import FIELDS, CleanRow, Mapping, clean_row
from crm.importing.plan import Settings
from digiweb.custom import set_value
from digiweb.tabular import Limits, Row, Source, sniff

BATCH_ROWS = 1000
# A batch ends earlier when its cells weigh that much: memory and packets stay bounded.
BATCH_CHARACTERS = 4_000_000
# How long a thread keeps the interpreter for itself: with Python's 5 ms, each answer of the database would
# wait that long for the thread that reads ahead.
_SWITCH_SECONDS = 0.0003
# So many objects may come to be between two looks for those that are garbage.
_GARBAGE = 500_000
T = TypeVar("T")
_END: Any = object()
_QUOTED = re.compile("(“)[^”]*(”)|(«\\s?)[^»]*(»)")
_NUMBER = re.compile(r"\d+")


@dataclass(slots=True)
class Ready:
    """One row, cleaned; with `problems` it is refused."""

    number: int
    values: list[str]
    clean: CleanRow
    problems: list[tuple[str, str]]  # (field or "", message)
    # The contact that it becomes when it matches nobody, and what its event says of it.
    draft: Draft | None = None
    label: str = ""
    changes: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """All that is wrong with it, in one sentence after the other."""
        return " ".join(problem_text(name, message) for name, message in self.problems)[:500]


def limits() -> Limits:
    return Limits(max_bytes=settings.IMPORT_MAX_BYTES)


def open_source(file: BinaryIO, name: str, *, encoding: str = "", delimiter: str = "") -> Source:
    """The table in a file. Raises ValidationError with what to do about it."""
    return sniff(file, name, limits(), encoding=encoding, delimiter=delimiter)


def make_ready(row: Row, mapping: Mapping, defaults: MappingType[str, str]) -> Ready:
    """A row of the file as values for a contact, or with what is wrong with it."""
    if row.error:
        return Ready(row.number, row.values, CleanRow(), [("", row.error)])
    clean = clean_row(row.values, mapping, defaults)
    if clean.errors:
        return Ready(row.number, row.values, clean, clean.errors)
    data = clean.data
    draft = Draft(data)
    draft.row = row.number
    draft.work_out(data.get("company", ""))
    changes: dict[str, list[Any]] = {name: [None, data[name]] for name in TEXTS if name in data}
    for name, custom in mapping.customs.items():
        if name in data:
            set_value(draft, name, data[name])
            changes[name] = [None, custom.logged(data[name])]
    return Ready(row.number, row.values, clean, clean.errors, draft, str(draft), changes)


def batches(
    source: Source, mapping: Mapping, choices: Settings, *, start: int = 0, size: int = BATCH_ROWS
) -> Iterator[list[Ready]]:
    """All rows from the `start`-th (from 0) on."""
    batch: list[Ready] = []
    weight = 0
    defaults = choices.defaults
    for row in source.rows(start):
        batch.append(make_ready(row, mapping, defaults))
        weight += sum(map(len, row.values))
        if len(batch) >= size or weight > BATCH_CHARACTERS:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def at_once(first: Callable[[], None]) -> Callable[[], None]:
    """What `Ahead.begin` does where there is no thread."""
    first()
    return _nothing


def _nothing() -> None:
    return None


class Ahead(Generic[T]):
    """The same items; from `begin` on, a thread makes the next one while this one is worked on.

    with Ahead(batches) as coming:
        for rows in coming:
            …coming.begin(); ask the database for something that takes long…
    """

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self._language = translation.get_language()
        self._coming: Future[Any] | None = None

    def __enter__(self) -> "Ahead[T]":
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._switch_before = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_SECONDS)
        # Looking for rings among a million objects was a quarter of the time; rows make none.
        gc.disable()
        return self

    def __exit__(self, *error: object) -> None:
        gc.enable()
        sys.setswitchinterval(self._switch_before)
        self._pool.shutdown(cancel_futures=True)

    def __iter__(self) -> Iterator[T]:
        while True:
            self.begin()
            assert self._coming is not None  # noqa: S101
            item, self._coming = self._coming.result(), None
            if item is _END:
                return
            yield item
            if gc.get_count()[0] > _GARBAGE:
                gc.collect(0)

    def begin(self, first: Callable[[], None] | None = None) -> Callable[[], None]:
        """Now is a good moment: whoever calls is about to wait for the database.

        The thread does `first` before; what is returned waits until that is done.
        """
        doing = self._pool.submit(first) if first else None
        if self._coming is None:
            self._coming = self._pool.submit(self._step)
        return doing.result if doing else _nothing

    def _step(self) -> Any:
        with translation.override(self._language):
            return next(self._items, _END)


def problem_text(name: str, message: str) -> str:
    """“E-mail: “x” isn't an e-mail address.”"""
    label = FIELDS[name].label if name in FIELDS else ""
    return _("%(field)s: %(problem)s") % {"field": label, "problem": message} if label else message


def group_of(name: str, message: str) -> str:
    """The sentence without its values, by which a report counts."""
    text = _QUOTED.sub(r"\1\3…\2\4", problem_text(name, message))
    return _NUMBER.sub("…", text).replace("…»", "…\u00a0»")[:200]
