"""CSV in all its dialects: the delimiter and the header found by content, a bad quote kept to its own row."""

import csv
import re
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from digiweb.tabular.scan import Scan, has_surrogates
from digiweb.tabular.source import Limits, Row, Source, cell_too_long, damaged_text, text_lines

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_LINES = 200
_SAMPLE_CHARS = 256 * 1024
_SEP_LINE = re.compile(r"sep=(.)[\r\n]*", re.I)
_NOTES_LINE = re.compile(r'"?notes\s*:"?[\s,;]*', re.I)
_Record = tuple[list[str], int]  # its cells, and the line where it ends
_VALUE = re.compile(r"@|\d{4}")


class CsvSource(Source):
    kind = "csv"

    def __init__(self, file: BinaryIO, name: str, limits: Limits, scan: Scan, delimiter: str = "") -> None:
        super().__init__(file, name, limits)
        self._scan = scan
        self.encoding = scan.label
        self.delimiter, self.header, self._header_lines = _layout(self._sample(), delimiter)
        self.total_hint = max(scan.lines - self._header_lines, 0)
        self.require_content()
        if scan.quotes % 2:  # a table well quoted has an even number of quotes
            self._refuse_endless_quote()

    def rows(self, start: int = 0) -> Iterator[Row]:
        limits, delimiter = self.limits, self.delimiter
        width, max_cell, damaged = len(self.header), limits.max_cell, self._scan.damaged
        passed = 0
        records = _Records(self._lines(), delimiter, limits, self._header_lines)
        for number, values, error in records:
            if not error and (not values or not (values[0].strip() or "".join(values).strip())):
                continue
            passed += 1
            if passed <= start:
                continue
            if error:
                yield Row(number, values, error)
            elif damaged and has_surrogates("".join(values)):
                clean = [value.encode("utf-8", "replace").decode() for value in values]
                yield Row(number, clean, damaged_text())
            elif len(values) == width and records.size <= max_cell:
                yield Row(number, values)
            else:
                yield self.fit(number, values, long_cells=records.size > max_cell)

    def _lines(self) -> Iterator[str]:
        return islice(text_lines(self.file, self._scan.encoding, self._scan.errors), self._header_lines, None)

    def _sample(self) -> list[str]:
        lines, size = [], 0
        for line in islice(text_lines(self.file, self._scan.encoding, self._scan.errors), _SAMPLE_LINES):
            lines.append(line)
            size += len(line)
            if size > _SAMPLE_CHARS:
                break
        return lines

    def _refuse_endless_quote(self) -> None:
        records = _Records(self._lines(), self.delimiter, self.limits, self._header_lines)
        for _number, _values, error in records:
            if error and records.endless_quote:
                raise ValidationError(error, code="quote")


class _Records:
    """The records of a CSV with the line where each begins.

    A quote that does not close would swallow the lines after it. When the reader gives up on a record, its
    first line becomes the error and the lines after it are read again: one bad quote costs one row.
    """

    def __init__(self, lines: Iterator[str], delimiter: str, limits: Limits, lines_before: int) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._limits = limits
        self._number = lines_before
        self._again: deque[str] = deque()
        self._pending: list[str] = []
        self._read_again = 0
        self.size = 0  # characters of the record
        self.endless_quote = False

    def __iter__(self) -> Iterator[tuple[int, list[str], str]]:
        while True:
            self._pending.clear()
            self.size = 0
            first = self._number + 1
            try:
                for values in csv.reader(self._feed(), delimiter=self._delimiter, strict=True):
                    yield first, values, ""
                    self._pending.clear()
                    self.size = 0
                    first = self._number + 1
                return
            except csv.Error as problem:
                error = self._explain(str(problem), first)
            yield first, self._rough_values(), error
            self._go_back(first)

    def _feed(self) -> Iterator[str]:
        again, pending, limit = self._again, self._pending, self._limits.max_record
        while True:
            if again:
                line = again.popleft()
            else:
                line = next(self._lines, "")
                if not line:
                    return
            self._number += 1
            pending.append(line)
            self.size += len(line)
            if self.size > limit and len(pending) > 1:
                raise csv.Error("record too long")
            yield line

    def _explain(self, problem: str, first: int) -> str:
        self.endless_quote = False
        if "field limit" in problem and len(self._pending) == 1:
            return cell_too_long(self._limits)
        offset = _opening_line(self._pending, self._delimiter)
        self.endless_quote = "expected after" not in problem
        if self.endless_quote:
            return _("The quote that opens on line %(line)s never closes.") % {"line": first + offset}
        return _("The quotes of line %(line)s don't match: one is missing, or isn't doubled.") % {
            "line": first + offset
        }

    def _rough_values(self) -> list[str]:
        line = self._pending[0].rstrip("\r\n")
        values = line.split(self._delimiter)[: self._limits.max_columns]
        return [value.encode("utf-8", "replace").decode()[: self._limits.max_cell] for value in values]

    def _go_back(self, first: int) -> None:
        # Bounded: a file made for it could have us read the same lines thousands of times.
        lines = self._pending[1:]
        if self._read_again + len(lines) > 20_000 + 2 * first:
            return
        self._read_again += len(lines)
        self._again.extendleft(reversed(lines))
        self._number = first


def _opening_line(lines: list[str], delimiter: str) -> int:
    """Which of these lines (0 = the first) opens the quote that is still open, or broken, at their end."""
    opened, inside, at_start, after_quote = 0, False, True, False
    for index, line in enumerate(lines):
        for char in line:
            if inside:
                if char == '"':
                    inside, after_quote = False, True
            elif char == '"' and (at_start or after_quote):
                if at_start:
                    opened = index
                inside, at_start, after_quote = True, False, False
            else:
                at_start = char in (delimiter, "\n", "\r")
                after_quote = False
    return opened


def _layout(lines: list[str], chosen: str = "") -> tuple[str, list[str], int]:
    """The delimiter, the header, and how many lines come before the first row."""
    skipped = 0
    candidates: tuple[str, ...] = DELIMITERS
    declared = _SEP_LINE.fullmatch(lines[0]) if lines else None
    if declared and declared[1] in DELIMITERS:  # Excel's own way to name the delimiter
        candidates, skipped = (declared[1],), 1
    if chosen in DELIMITERS:
        candidates = (chosen,)
    skipped = _after_notes(lines, skipped)
    parsed = {delimiter: _sample_records(lines[skipped:], delimiter) for delimiter in candidates}
    # A first line that a delimiter cuts into titles is the header. Failing that it may be the name of the
    # table, with the header under it; failing that there is one column.
    for find in (_first_line_of_titles, _titles_under_a_name):
        found = [(*score, delimiter) for delimiter in candidates if (score := find(parsed[delimiter]))]
        if found:
            _score, header, end, delimiter = max(found, key=lambda layout: layout[0])
            break
    else:
        delimiter = candidates[0]
        header, end = _only_title(parsed[delimiter])
    header_lines = skipped + end
    _require_closed(lines[skipped:header_lines], delimiter, skipped)
    if len(header) > 1 and not any(header[-2:]):  # a sheet saved with its empty columns
        while len(header) > 1 and not header[-1].strip():
            header = header[:-1]
    return delimiter, [title.strip() for title in header], header_lines


def _require_closed(lines: list[str], delimiter: str, skipped: int) -> None:
    """Refuses a header with a quote that swallows the lines under it."""
    try:
        for _cells in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        raise ValidationError(
            _("The quotes of line %(line)s don't match: one is missing, or isn't doubled."),
            code="quote",
            params={"line": skipped + _opening_line(lines, delimiter) + 1},
        )


def _after_notes(lines: list[str], skipped: int) -> int:
    """LinkedIn begins with "Notes:", a paragraph, and a blank line."""
    if skipped < len(lines) and _NOTES_LINE.fullmatch(lines[skipped].strip()):
        for index in range(skipped + 1, min(skipped + 20, len(lines))):
            if not lines[index].strip(" ,;\t\r\n"):
                return index + 1
    return skipped


def _sample_records(lines: list[str], delimiter: str) -> list[_Record]:
    records = []
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            records.append((cells, reader.line_num))
    except csv.Error:
        pass  # the rows will say it, with their line
    return records


def _first_line_of_titles(records: list[_Record]) -> tuple[float, list[str], int] | None:
    first = _first_filled(records)
    if first is None or sum(bool(cell.strip()) for cell in records[first][0]) < 2:
        return None
    return _scored(records, first)


def _titles_under_a_name(records: list[_Record]) -> tuple[float, list[str], int] | None:
    first = _first_filled(records)
    if first is None:
        return None
    for index in range(first + 1, min(first + 10, len(records))):
        titles = records[index][0]
        share = _share(records, index)
        if (
            len(titles) >= 3
            and index + 1 < len(records)
            and all(title.strip() and not _VALUE.search(title) for title in titles)
            and len(set(titles)) == len(titles)
            and share >= 0.8
        ):
            return _scored(records, index)
    return _scored(records, first) if len(records[first][0]) > 1 else None


def _only_title(records: list[_Record]) -> _Record:
    for cells, end in records:
        if any(char.isalnum() for cell in cells for char in cell):
            return cells, end
    raise ValidationError(_("The file is empty."), code="empty")


def _first_filled(records: list[_Record]) -> int | None:
    return next((at for at, (cells, _end) in enumerate(records) if any(c.strip() for c in cells)), None)


def _scored(records: list[_Record], at: int) -> tuple[float, list[str], int]:
    """The more columns, and the more rows as wide as the header, the likelier is the delimiter."""
    header, end = records[at]
    return (0.1 + _share(records, at)) * (len(header) - 1), header, end


def _share(records: list[_Record], at: int) -> float:
    widths = [len(cells) for cells, _end in records[at + 1 :] if any(cells)]
    return widths.count(len(records[at][0])) / len(widths) if widths else 0.9
