"""What a file is, told by its content: the name that it bears is only a claim.

`detect(file)` reads the first bytes (and the table of contents of a ZIP, nothing of it is unpacked) and
returns a FileType; `judge(file, name)` compares that with the name. What browsers would run (HTML, SVG,
scripts) is recognised in order to be refused by its own name.
"""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# How much of a file is looked at.
HEAD = 64 * 1024
# A ZIP whose table of contents is longer (some 40,000 files) is not read: the whole of it goes into memory.
LONGEST_TABLE = 4 * 1024 * 1024


@dataclass(frozen=True)
class FileType:
    """A type that may be kept. `endings`: how names of it end, the usual one first."""

    name: str
    label: Any
    mime: str
    endings: tuple[str, ...]
    icon: str = "file"
    # Browsers show it without harm.
    inline: bool = False


TYPES: dict[str, FileType] = {
    each.name: each
    for each in (
        FileType("pdf", gettext_lazy("PDF"), "application/pdf", (".pdf",), "file-type-pdf", inline=True),
        FileType("png", gettext_lazy("PNG picture"), "image/png", (".png",), "photo", inline=True),
        FileType("jpeg", gettext_lazy("JPEG picture"), "image/jpeg", (".jpg", ".jpeg"), "photo", inline=True),
        FileType("webp", gettext_lazy("WebP picture"), "image/webp", (".webp",), "photo", inline=True),
        FileType("gif", gettext_lazy("GIF picture"), "image/gif", (".gif",), "photo", inline=True),
        FileType(
            "docx",
            gettext_lazy("Word document"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            (".docx",),
            "file-word",
        ),
        FileType(
            "xlsx",
            gettext_lazy("Excel workbook"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            (".xlsx",),
            "file-spreadsheet",
        ),
        FileType(
            "pptx",
            gettext_lazy("PowerPoint presentation"),
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            (".pptx",),
            "presentation",
        ),
        FileType(
            "odt",
            gettext_lazy("OpenDocument text"),
            "application/vnd.oasis.opendocument.text",
            (".odt",),
            "file-text",
        ),
        FileType(
            "ods",
            gettext_lazy("OpenDocument spreadsheet"),
            "application/vnd.oasis.opendocument.spreadsheet",
            (".ods",),
            "file-spreadsheet",
        ),
        FileType("csv", gettext_lazy("CSV table"), "text/csv", (".csv", ".tsv"), "table"),
        FileType("txt", gettext_lazy("Text"), "text/plain", (".txt", ".md", ".log"), "file-text"),
        FileType("eml", gettext_lazy("E-mail"), "message/rfc822", (".eml",), "mail"),
        FileType("zip", gettext_lazy("ZIP archive"), "application/zip", (".zip",), "file-zip"),
    )
}
PICTURES = ("png", "jpeg", "webp", "gif")
# All three are plain text: the name says which.
TEXTS = ("txt", "csv", "eml")
BY_ENDING = {ending: each for each in TYPES.values() for ending in each.endings}

# What is recognised only to say what it is. Ordered: the longer beginnings first.
_STRANGERS: tuple[tuple[bytes, Any], ...] = (
    (b"MZ", gettext_lazy("a Windows program")),
    (b"\x7fELF", gettext_lazy("a Linux program")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", gettext_lazy("a file of an old Office version")),
    (b"Rar!\x1a\x07", gettext_lazy("a RAR archive")),
    (b"7z\xbc\xaf\x27\x1c", gettext_lazy("a 7-Zip archive")),
    (b"\x1f\x8b", gettext_lazy("a GZIP archive")),
    (b"BM", gettext_lazy("a BMP picture")),
    (b"II*\0", gettext_lazy("a TIFF picture")),
    (b"MM\0*", gettext_lazy("a TIFF picture")),
    (b"ID3", gettext_lazy("a sound")),
    (b"OggS", gettext_lazy("a sound")),
    (b"\x1aE\xdf\xa3", gettext_lazy("a film")),
)
_MARKUP: tuple[tuple[bytes, Any], ...] = (
    (b"<svg", gettext_lazy("an SVG picture, which can run programs")),
    (b"<!doctype html", gettext_lazy("a web page (HTML)")),
    (b"<html", gettext_lazy("a web page (HTML)")),
    (b"<script", gettext_lazy("a web page (HTML)")),
    (b"<?php", gettext_lazy("a program (PHP)")),
    (b"<?xml", gettext_lazy("an XML file")),
    (b"#!", gettext_lazy("a script")),
)
UNKNOWN = gettext_lazy("of a type that is not known")


@dataclass(frozen=True)
class Stranger:
    """A file of a type that is never kept."""

    label: Any


def detect(file: BinaryIO) -> FileType | Stranger:
    """The type of a file that can be sought in; plain text is "txt". The file is left at its beginning."""
    file.seek(0)
    head = file.read(HEAD)
    try:
        return _of_bytes(head, file)
    finally:
        file.seek(0)


def _of_bytes(head: bytes, file: BinaryIO) -> FileType | Stranger:
    if head.startswith(b"%PDF-"):
        return TYPES["pdf"]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return TYPES["png"]
    if head.startswith(b"\xff\xd8\xff"):
        return TYPES["jpeg"]
    if head.startswith((b"GIF87a", b"GIF89a")):
        return TYPES["gif"]
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return TYPES["webp"]
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_zip(file)
    if head[4:8] == b"ftyp":
        return Stranger(gettext_lazy("a film"))
    for beginning, label in _STRANGERS:
        if head.startswith(beginning):
            return Stranger(label)
    return _of_text(head)


def _of_zip(file: BinaryIO) -> FileType | Stranger:
    """By its table of contents; the few bytes of `mimetype` are all that is unpacked."""
    try:
        if _table_length(file) > LONGEST_TABLE:
            return Stranger(gettext_lazy("an archive with too many files"))
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if any(name.rpartition("/")[2].lower() == "vbaproject.bin" for name in names):
                return Stranger(gettext_lazy("an Office file with macros"))
            if "[Content_Types].xml" in names:
                for name, folder in (("docx", "word/"), ("xlsx", "xl/"), ("pptx", "ppt/")):
                    if any(entry.startswith(folder) for entry in names):
                        return TYPES[name]
            about = archive.getinfo("mimetype") if "mimetype" in names else None
            if about and about.file_size < 100 and about.compress_type == zipfile.ZIP_STORED:
                mime = archive.read(about).decode("ascii", "replace").strip()
                for each in TYPES.values():
                    if each.mime == mime:
                        return each
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        return Stranger(gettext_lazy("a damaged archive"))
    return TYPES["zip"]


def _table_length(file: BinaryIO) -> int:
    """How long the table of contents of a ZIP is, as `zipfile` is about to read it (ZIP64 too).

    By its own function: another reading of a crafted file would find another record.
    """
    record = zipfile._EndRecData(file)  # type: ignore[attr-defined]
    return int(record[5]) if record else 0


def _of_text(head: bytes) -> FileType | Stranger:
    text = head.removeprefix(b"\xef\xbb\xbf")
    start = text.lstrip()[:4096].lower()
    for beginning, label in _MARKUP:
        if start.startswith(beginning):
            inside = next((other for mark, other in _MARKUP[:3] if mark in start), label)
            return Stranger(inside)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return TYPES["txt"]  # UTF-16, as Excel writes it
    if any(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in text):
        return Stranger(UNKNOWN)
    return TYPES["txt"]


def judge(file: BinaryIO, name: str, allowed: Sequence[str] = tuple(TYPES)) -> FileType:
    """The type under which a file may be kept.

    Raises ValidationError, saying what the name claims and what the content is, when the two differ
    or the type is not one of `allowed`.
    """
    found = detect(file)
    ending = ending_of(name)
    claimed = BY_ENDING.get(ending)
    if isinstance(found, Stranger):
        about = {"name": name, "what": found.label}
        raise ValidationError(_("“%(name)s” is %(what)s: such files are not kept here.") % about, code="type")
    if found.name in TEXTS and claimed is not None and claimed.name in TEXTS:
        found = claimed
        if found.name == "eml" and not _is_mail(file):
            raise _mislabelled(name, claimed, TYPES["txt"])
    if claimed is None and ending:
        about = {"name": name, "ending": ending, "content": found.label}
        text = _("“%(name)s” ends in %(ending)s, but its content is of another type: %(content)s.")
        raise ValidationError(text % about, code="type")
    if claimed is not None and claimed is not found:
        raise _mislabelled(name, claimed, found)
    if found.name not in allowed:
        about = {"name": name, "content": found.label}
        raise ValidationError(_("“%(name)s”: this type is not kept here (%(content)s).") % about, code="type")
    return found


def _mislabelled(name: str, claimed: FileType, found: FileType) -> ValidationError:
    about = {"name": name, "claimed": claimed.label, "content": found.label}
    text = _("“%(name)s” bears the ending of another type (%(claimed)s): its content is %(content)s.")
    return ValidationError(text % about, code="type")


def ending_of(name: str) -> str:
    """ ".pdf" of "Devis.PDF"; "" where a name has none."""
    stem, dot, ending = name.rpartition(".")
    known = dot and stem and 0 < len(ending) <= 8 and ending.isalnum()
    return f".{ending.lower()}" if known else ""


def _is_mail(file: BinaryIO) -> bool:
    """Whether a text begins as a message does."""
    file.seek(0)
    head = file.read(HEAD).decode("latin-1")
    file.seek(0)
    headers = HeaderParser().parsestr(head)
    return bool(headers["From"] or headers["Received"]) and bool(headers["Date"] or headers["Subject"])
