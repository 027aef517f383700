"""XLSX by openpyxl, read as a stream, after the archive has been proven harmless."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import IO, Any, BinaryIO

import openpyxl
from defusedxml.ElementTree import iterparse
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl.worksheet._reader import CELL_TAG, DATA_TAG, ROW_TAG, WorkSheetParser

from digiweb.tabular.source import Limits, Row, Source, unreadable, view

_EXCEL_MAX_ROWS = 1_048_576
_EXCEL_MAX_COLUMNS = 16_384
_LONGEST_TEXT = 65_536  # Excel's own limit is 32 767 characters in a cell
_HEADER_SEARCH = 50
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


class XlsxSource(Source):
    kind = "xlsx"

    def __init__(self, file: BinaryIO, name: str, limits: Limits) -> None:
        super().__init__(file, name, limits)
        _check_archive(file, name, limits)
        try:
            self._book = openpyxl.load_workbook(view(file), read_only=True, data_only=True, keep_links=False)
        except Exception:  # openpyxl raises anything on a hostile file
            raise unreadable(name)
        self._find_table()
        self.require_content()

    def rows(self, start: int = 0) -> Iterator[Row]:
        passed = 0
        for number, values in self._values(self._sheet):
            if number <= self._header_number or not any(values):
                continue
            passed += 1
            if passed > start:
                yield self.fit(number, values)

    def _find_table(self) -> None:
        """The first visible sheet that has something in it; its first row is the header."""
        for sheet in self._book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            self._sheet = sheet
            head = []
            for number, values in self._values(sheet):
                if any(values):
                    head.append((number, values))
                if len(head) > _HEADER_SEARCH:
                    break
            if not head:
                continue
            head = _without_title(head)
            self._header_number, header = head[0]
            self.check_width(_filled(header))
            # Columns without a title but with values are columns too.
            width = max(
                _filled(header), *(min(_filled(values), self.limits.max_columns) for _n, values in head)
            )
            self.header = [title.strip() for title in (header + [""] * width)[:width]]
            last = min(getattr(sheet, "_max_row", None) or self._header_number + len(head), _EXCEL_MAX_ROWS)
            self.total_hint = max(last - self._header_number, 1)
            return
        raise ValidationError(_("The file is empty."), code="empty")

    def _values(self, sheet: Any) -> Iterator[tuple[int, list[str]]]:
        """Row by row, from openpyxl's parser of rows.

        Its own loop pads the rows that are missing (a billion, if the file says so) and keeps every row that
        it has read; ours takes the numbers as they are and forgets the row.
        """
        try:
            with sheet.parent._archive.open(sheet._worksheet_path) as stream:
                parser = WorkSheetParser(
                    stream,
                    sheet._shared_strings,
                    data_only=True,
                    epoch=sheet.parent.epoch,
                    date_formats=sheet.parent._date_formats,
                    timedelta_formats=sheet.parent._timedelta_formats,
                )
                before = 0
                for element in _row_elements(_Bounded(stream, self.limits.max_unpacked)):
                    number, cells = parser.parse_row(element)
                    parser.row_dimensions.clear()
                    if not before < number <= _EXCEL_MAX_ROWS:
                        raise ValueError("row numbers")
                    before = number
                    yield number, _row_of(cells)
        except ValidationError:
            raise
        except Exception:  # as above
            raise unreadable(self.name)


def _row_elements(stream: "_Bounded") -> Iterator[Any]:
    table = None
    cells = 0
    for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        tag = element.tag
        if event == "start":
            if tag == DATA_TAG:
                table = element
        elif tag == CELL_TAG:
            cells += 1
            if cells > _EXCEL_MAX_COLUMNS:
                raise ValueError("cells")
        elif tag == ROW_TAG:
            yield element
            cells = 0
            if table is not None:
                table.clear()
        elif tag == DATA_TAG:
            return


def _row_of(cells: list[dict[str, Any]]) -> list[str]:
    values: list[str] = []
    for cell in cells:
        column = cell["column"]
        if cell["value"] is None:
            continue
        if not 1 <= column <= _EXCEL_MAX_COLUMNS:
            raise ValueError("column")
        if column > len(values):
            values.extend([""] * (column - len(values)))
        values[column - 1] = _text(cell["value"])
    return values


def _text(value: Any) -> str:
    if isinstance(value, str):
        if value in _ERRORS:
            return ""
        return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), value) if "_x" in value else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _without_title(head: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """A line alone above the table ("Contacts 2024") is its title, not its header."""
    if len(head) > 2 and sum(map(bool, head[0][1])) == 1:
        titles = sum(map(bool, head[1][1]))
        if titles >= 3:
            return head[1:]
    return head


def _filled(values: list[str]) -> int:
    return next((index for index in range(len(values), 0, -1) if values[index - 1].strip()), 0)


def _check_archive(file: BinaryIO, name: str, limits: Limits) -> None:
    """Sizes as the archive declares them. zipfile never unpacks more of an entry than it declares."""
    try:
        with zipfile.ZipFile(view(file)) as archive:
            entries = archive.infolist()
    except Exception:  # zipfile raises anything on a hostile file
        raise unreadable(name)
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise ValidationError(
            _("This isn't an Excel workbook (XLSX): save the table as XLSX or CSV, then import it."),
            code="kind",
        )
    total = 0
    for entry in entries:
        total += entry.file_size
        packed = max(entry.compress_size, 1)
        too_dense = entry.file_size > 1024 * 1024 and entry.file_size / packed > limits.max_ratio
        is_strings = entry.filename.lower().endswith("sharedstrings.xml")
        is_sheet = entry.filename.startswith("xl/worksheets/")
        is_xml = entry.filename.lower().endswith((".xml", ".rels"))
        allowed = limits.max_shared_strings if is_strings else limits.max_part
        too_big = is_xml and not is_sheet and entry.file_size > allowed
        if too_dense or too_big or total > limits.max_unpacked or len(entries) > limits.max_entries:
            raise ValidationError(
                _("This workbook unpacks to far more than its size: save the table as CSV, then import it."),
                code="zip_bomb",
            )


class _Bounded:
    """Reads a sheet piece by piece, and refuses a text that would fill the memory before its end comes."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream, self._left = stream, limit

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(_LONGEST_TEXT)
        self._left -= len(data)
        if self._left < 0 or (len(data) == _LONGEST_TEXT and b"<" not in data):
            raise ValueError("too long")
        return data
