"""What an uploaded file is, by its content: names and content types lie."""

from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from digiweb.tabular.delimited import CsvSource
from digiweb.tabular.scan import scan
from digiweb.tabular.source import Limits, Source, file_size, unreadable, view
from digiweb.tabular.spreadsheet import XlsxSource
from digiweb.tabular.vcard import VcardSource

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"RIFF": "RIFF",
    b"BM\x00": "BMP",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"\x1f\x8b": "GZIP",
    b"BZh": "BZIP2",
    b"7z\xbc\xaf": "7-Zip",
    b"Rar!": "RAR",
    b"\xfd7zXZ": "XZ",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"SQLite format": "SQLite",
    b"\x7fELF": "ELF",
    b"MZ\x90": "EXE",
    b"{\\rtf": "RTF",
    b"PAR1": "Parquet",
}


def sniff(
    file: BinaryIO, name: str, limits: Limits | None = None, *, encoding: str = "", delimiter: str = ""
) -> Source:
    """Opens an uploaded file (seekable, binary). Raises ValidationError with what to do about it.

    `encoding` (a label such as "Windows-1252") and `delimiter` are what a person says of a text file, against
    what its content seems to say.
    """
    limits = limits or Limits()
    size = file_size(file)
    if size > limits.max_bytes:
        raise ValidationError(
            _("The file is larger than %(allowed)s."),
            code="size",
            params={"allowed": filesizeformat(limits.max_bytes)},
        )
    head = view(file).read(4096)
    if not head.strip():
        raise ValidationError(_("The file is empty."), code="empty")
    if head.startswith(b"PK\x03\x04"):
        return XlsxSource(file, name, limits)
    _refuse_foreign(file, head)
    try:
        found = scan(file, limits)
        if encoding:
            found = found.read_as(encoding)
        text = head.decode(found.encoding, "ignore").lstrip("\ufeff").lstrip()
        if text[:11].upper() == "BEGIN:VCARD":
            return VcardSource(file, name, limits, found)
        return CsvSource(file, name, limits, found, delimiter)
    except UnicodeError:
        raise unreadable(name)


def _refuse_foreign(file: BinaryIO, head: bytes) -> None:
    if head.startswith(_OLE):
        if _holds(file, "EncryptedPackage".encode("utf-16-le")):
            raise ValidationError(
                _("This workbook is protected by a password: save it without the password, then import it."),
                code="encrypted",
            )
        raise ValidationError(
            _("This is an old Excel file (XLS): save it as XLSX or CSV, then import it."), code="xls"
        )
    kind = next((label for magic, label in _FOREIGN.items() if head.startswith(magic)), "")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<svg")):
        kind = "HTML/XML"
    if start.startswith((b'{"', b"[{")):
        kind = "JSON"
    if kind:
        raise ValidationError(
            _("This is a %(kind)s file, whatever its name: choose a CSV, XLSX or vCard file."),
            code="kind",
            params={"kind": kind},
        )


def _holds(file: BinaryIO, needle: bytes) -> bool:
    stream, tail = view(file), b""
    while chunk := stream.read(1024 * 1024):
        if needle in tail + chunk:
            return True
        tail = chunk[-len(needle) :]
    return False
