"""What every kind of file becomes: a header and a stream of rows."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class Row(NamedTuple):
    number: int  # where the person finds it: line of the CSV, row of the sheet, rank of the card
    values: list[str]
    error: str = ""  # why the row cannot be read; its values are then as near as we could get


@dataclass(frozen=True)
class Limits:
    max_bytes: int = 50 * 1024 * 1024
    max_columns: int = 200
    max_cell: int = 10_000
    # A record of a CSV, all its lines together; a vCard without its photo.
    max_record: int = 1024 * 1024
    # XLSX: what the archive may unpack to, and how much of it the memory must hold at once.
    max_unpacked: int = 1024 * 1024 * 1024
    max_shared_strings: int = 64 * 1024 * 1024
    max_part: int = 16 * 1024 * 1024
    max_entries: int = 2_000
    max_ratio: int = 150


class Source:
    """An opened file. `rows()` may be called again and again, even two at a time."""

    kind: str = ""
    encoding: str = ""
    delimiter: str = ""
    header: list[str]
    total_hint: int = 0  # about how many rows

    def __init__(self, file: BinaryIO, name: str, limits: Limits) -> None:
        self.file = file
        self.name = name
        self.limits = limits

    @property
    def titles(self) -> list[str]:
        """The header as people read it."""
        return self.header

    def rows(self, start: int = 0) -> Iterator[Row]:
        """The rows, without the first `start` of them. Blank rows are not rows."""
        raise NotImplementedError

    def require_content(self) -> None:
        """Refuses a header without rows, and one too wide to be a table of contacts."""
        self.check_width(len(self.header))
        if any(len(title) > self.limits.max_cell for title in self.header):
            raise ValidationError(_("The title of a column is too long."), code="cell")
        if next(self.rows(), None) is None:
            raise ValidationError(_("The file has a header but no rows."), code="no_rows")

    def check_width(self, width: int) -> None:
        if width > self.limits.max_columns:
            raise ValidationError(
                _("The file has %(given)s columns: at most %(allowed)s can be imported."),
                code="columns",
                params={"given": width, "allowed": self.limits.max_columns},
            )

    def fit(self, number: int, values: list[str], long_cells: bool = True) -> Row:
        """The values brought to the width of the header, or the row with what is wrong with it."""
        width = len(self.header)
        if len(values) < width:
            values = values + [""] * (width - len(values))
        elif len(values) > width:
            if any(value.strip() for value in values[width:]):
                error = _("This row has %(given)s columns, the header has %(expected)s.") % {
                    "given": len(values),
                    "expected": width,
                }
                return Row(number, values, error)
            values = values[:width]
        if long_cells and max(map(len, values), default=0) > self.limits.max_cell:
            return Row(number, values, cell_too_long(self.limits))
        return Row(number, values)


def cell_too_long(limits: Limits) -> str:
    return _("A cell of this row is longer than %(allowed)s characters.") % {"allowed": limits.max_cell}


def damaged_text() -> str:
    return _("This row has damaged characters: save the file again as UTF-8.")


def unreadable(name: str) -> ValidationError:
    return ValidationError(
        _("“%(name)s” can't be read: the file is damaged or isn't what its name says."),
        code="unreadable",
        params={"name": name},
    )


class _View(io.RawIOBase):
    """A reader with a position of its own over a file that others read too, and that it never closes."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size, self._at = file, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("negative seek position")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        target = memoryview(buffer).cast("B")
        self._file.seek(self._at)
        data = self._file.read(len(target))
        target[: len(data)] = data
        self._at += len(data)
        return len(data)


def file_size(file: BinaryIO) -> int:
    file.seek(0, io.SEEK_END)
    return file.tell()


def view(file: BinaryIO, buffer_size: int = 256 * 1024) -> io.BufferedReader:
    return io.BufferedReader(_View(file, file_size(file)), buffer_size)


def text_lines(file: BinaryIO, encoding: str, errors: str) -> Iterator[str]:
    """The lines with their ends as they are in the file. The caller has checked that none is endless."""
    return iter(io.TextIOWrapper(view(file), encoding=encoding, errors=errors, newline=""))
