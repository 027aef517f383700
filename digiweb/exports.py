"""Exports of lists: CSV that streams however long, XLSX for what a spreadsheet can bear."""

import csv
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.tables import Column

CHUNK = 2000
XLSX_LIMIT = 100_000
# Of a column of a workbook, in characters.
WIDTH = 18
# What a spreadsheet would run as a formula (OWASP, "CSV injection")…
FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
# … except plain numbers, among them phone numbers such as +44 20 7946 0018.
PLAIN_NUMBER = re.compile(r"[+-][\d\s.,()\u00a0\u202f]+")


def defuse(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes before it where needed."""
    if text.startswith(FORMULA_START) and not PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def check_own_name(request: Any) -> None:
    """Raise PermissionDenied during « voir comme »: what leaves the house leaves in one's own name."""
    if getattr(request, "real_user", None) is not None:
        raise PermissionDenied(_("Nothing is exported in somebody else's name."))


def records_in_chunks(queryset: QuerySet, columns: Iterable[Column]) -> Iterator[Any]:
    """Every record with what the columns need, read by key so that memory stays flat."""
    columns = list(columns)
    joined = sorted({name for column in columns for name in column.select_related})
    fetched = sorted({name for column in columns for name in column.prefetch_related})
    ordered = queryset.order_by("pk").select_related(*joined).prefetch_related(*fetched)
    last = 0
    while chunk := list(ordered.filter(pk__gt=last)[:CHUNK]):
        yield from chunk
        last = chunk[-1].pk


def export_response(
    *, user: Any, kind: str, queryset: QuerySet, columns: Sequence[Column], name: str, key: str
) -> HttpResponseBase:
    """The file of a list; `kind` is csv or xlsx. Raises BadRequest for another kind, and for more
    rows than XLSX_LIMIT in a spreadsheet.
    """
    if kind not in ("csv", "xlsx"):
        raise BadRequest(_("Exports are CSV or XLSX files."))
    if kind == "xlsx" and queryset.order_by().values("pk")[: XLSX_LIMIT + 1].count() > XLSX_LIMIT:
        raise BadRequest(_("More than 100,000 rows do not fit a spreadsheet well: export them as CSV."))
    record(
        user=user, action="exported", data={"list": key, "format": kind, "columns": [c.name for c in columns]}
    )
    filename = f"{slugify(name)}-{timezone.localdate():%Y-%m-%d}.{kind}"
    return (_csv if kind == "csv" else _xlsx)(queryset, columns, filename)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _csv(queryset: QuerySet, columns: Sequence[Column], filename: str) -> HttpResponseBase:
    language = get_language() or "fr"
    # French spreadsheets take the comma for the decimal sign and expect semicolons.
    delimiter, point = (";", ",") if language.startswith("fr") else (",", ".")
    writer = csv.writer(_Echo(), delimiter=delimiter)

    def lines() -> Iterator[str]:
        with override(language):
            yield "\ufeff" + writer.writerow([defuse(str(column.label)) for column in columns])
            for chunk in _batched(records_in_chunks(queryset, columns)):
                yield "".join(
                    writer.writerow([_csv_value(column.value(obj), point) for column in columns])
                    for obj in chunk
                )

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _batched(records: Iterator[Any], size: int = 500) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for obj in records:
        batch.append(obj)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _csv_value(value: Any, point: str) -> Any:
    if isinstance(value, str):
        return defuse(value)
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, Decimal):
        return str(value).replace(".", point)
    return value


def _xlsx(queryset: QuerySet, columns: Sequence[Column], filename: str) -> HttpResponseBase:
    file = tempfile.TemporaryFile()  # noqa: SIM115 (FileResponse closes it)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = xlsxwriter.Workbook(file, options)
    sheet = workbook.add_worksheet()
    bold = workbook.add_format({"bold": True})
    day = workbook.add_format({"num_format": "dd/mm/yyyy"})
    moment = workbook.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    sheet.freeze_panes(1, 0)
    # As wide as a moment: what does not fit shows as ####.
    sheet.set_column(0, len(columns) - 1, WIDTH)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, defuse(str(column.label)), bold)
    for row, obj in enumerate(records_in_chunks(queryset, columns), start=1):
        for place, column in enumerate(columns):
            value = column.value(obj)
            if isinstance(value, datetime):
                local = timezone.localtime(value).replace(tzinfo=None)  # a cell knows no time zones
                sheet.write_datetime(row, place, local, moment)
            elif isinstance(value, date):
                sheet.write_datetime(row, place, value, day)
            elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
                sheet.write_number(row, place, value)
            else:
                sheet.write_string(row, place, defuse(str(value))[:32767])
    workbook.close()
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=filename)
