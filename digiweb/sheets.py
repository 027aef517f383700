"""Small tables of figures: drawn in a page, and exported as CSV or XLSX."""

import csv
import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.core.exceptions import BadRequest
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.exports import defuse

# Of a worksheet's name, in characters, and what none may hold.
NAME, REFUSED = 31, str.maketrans("", "", "[]:*?/\\")


@dataclass(frozen=True)
class Cell:
    """A figure: what it is, how it is written, where its rows are."""

    value: int | Decimal | str | None
    text: str = ""
    url: str = ""


@dataclass
class Sheet:
    """A table: the first column names the rows."""

    title: str
    head: Sequence[str]
    rows: list[tuple[str, list[Cell]]] = field(default_factory=list)
    foot: tuple[str, list[Cell]] | None = None

    @property
    def lines(self) -> list[tuple[str, list[Cell]]]:
        return [*self.rows, *([self.foot] if self.foot else [])]


def sheets_response(
    *, user: Any, kind: str, sheets: Sequence[Sheet], name: str, key: str, about: str = ""
) -> HttpResponseBase:
    """The file of some tables; `about` says for which period and whom. Raises BadRequest for another kind."""
    if kind not in ("csv", "xlsx"):
        raise BadRequest(_("Exports are CSV or XLSX files."))
    record(user=user, action="exported", data={"list": key, "format": kind, "about": about})
    filename = f"{slugify(name)}-{timezone.localdate():%Y-%m-%d}.{kind}"
    return (_csv if kind == "csv" else _xlsx)(sheets, filename, about)


def _csv(sheets: Sequence[Sheet], filename: str, about: str) -> HttpResponseBase:
    # French spreadsheets take the comma for the decimal sign and expect semicolons.
    french = (get_language() or "fr").startswith("fr")
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";" if french else ",")
    for sheet in sheets:
        writer.writerow([defuse(f"{sheet.title} ({about})" if about else sheet.title)])
        writer.writerow([defuse(str(label)) for label in sheet.head])
        for label, cells in sheet.lines:
            writer.writerow([defuse(label), *(_plain(cell.value, french) for cell in cells)])
        writer.writerow([])
    response = HttpResponse("\ufeff" + file.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _plain(value: Any, french: bool) -> Any:
    if isinstance(value, Decimal):
        return str(value).replace(".", ",") if french else str(value)
    return defuse(value) if isinstance(value, str) else value


def _xlsx(sheets: Sequence[Sheet], filename: str, about: str) -> HttpResponseBase:
    file = tempfile.TemporaryFile()  # noqa: SIM115 (FileResponse closes it)
    workbook = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
    bold = workbook.add_format({"bold": True})
    names: set[str] = set()
    for number, sheet in enumerate(sheets, start=1):
        name = sheet.title.translate(REFUSED)[:NAME]
        page = workbook.add_worksheet(name if name.lower() not in names else f"{number}")
        names.add(name.lower())
        page.set_column(0, len(sheet.head), 20)
        page.write_string(0, 0, defuse(f"{sheet.title} ({about})" if about else sheet.title), bold)
        for place, label in enumerate(sheet.head):
            page.write_string(1, place, defuse(str(label)), bold)
        for row, (label, cells) in enumerate(sheet.lines, start=2):
            page.write_string(row, 0, defuse(label))
            for place, cell in enumerate(cells, start=1):
                if isinstance(cell.value, (int, Decimal)):
                    page.write_number(row, place, cell.value)
                elif cell.value is not None:
                    page.write_string(row, place, defuse(cell.value))
    workbook.close()
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename)
