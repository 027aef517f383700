"""One pass over the bytes of a text file: its encoding by content, and what would make it unsafe to read."""

import codecs
import re
from dataclasses import dataclass, replace
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from digiweb.tabular.source import Limits, view

_CHUNK = 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ESCAPED = re.compile("[\udc80-\udcff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNDEFINED_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_LABELS = {"utf-8-sig": "UTF-8-BOM", "utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}


@dataclass
class Scan:
    encoding: str  # a codec's name
    errors: str  # its error handler
    damaged: bool  # some rows hold bytes that no character has
    lines: int
    quotes: int
    cards: int

    @property
    def label(self) -> str:
        return _LABELS[self.encoding]

    def read_as(self, label: str) -> "Scan":
        """The same bytes in the encoding a person says; a label that doesn't fit changes nothing."""
        encoding = next((name for name, known in _LABELS.items() if known == label), self.encoding)
        if encoding == self.encoding or "utf-16" in (encoding, self.encoding):
            return self
        return replace(self, encoding=encoding, errors="surrogateescape", damaged=True)


def scan(file: BinaryIO, limits: Limits) -> Scan:
    head = view(file).read(4)
    encoding = next((name for bom, name in _BOMS if head.startswith(bom)), "")
    if encoding == "utf-16":
        return _scan_utf16(file, limits)
    return _scan_bytes(file, limits, encoding)


def has_surrogates(text: str) -> bool:
    return not text.isascii() and _SURROGATE.search(text) is not None


def _scan_bytes(file: BinaryIO, limits: Limits, encoding: str) -> Scan:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    valid = invalid = controls = 0
    undefined = False
    counts = _Counts(limits)
    stream = view(file, _CHUNK)
    while True:
        chunk = stream.read(_CHUNK)
        if b"\0" in chunk:
            raise _nul(counts.lines + chunk[: chunk.index(b"\0")].count(b"\n") + 1)
        text = decoder.decode(chunk, final=not chunk)
        if not text.isascii():
            escaped = len(_ESCAPED.findall(text))
            invalid += escaped
            valid += len(text) - len(text.encode("ascii", "ignore")) - escaped
            undefined = undefined or _UNDEFINED_1252.search(chunk) is not None
        if not chunk:
            break
        controls += len(_CONTROL.findall(chunk))
        counts.add(chunk)
    if controls * 20 > counts.size:
        raise ValidationError(_("This isn't a text file: choose a CSV, XLSX or vCard file."), code="not_text")
    if not encoding:
        encoding = "cp1252" if invalid > valid else "utf-8"
    damaged = undefined if encoding == "cp1252" else invalid > 0
    return Scan(encoding, "surrogateescape", damaged, counts.total_lines, counts.quotes, counts.cards)


def _scan_utf16(file: BinaryIO, limits: Limits) -> Scan:
    # surrogatepass: a lone surrogate is an error of its row, not of the file
    decoder = codecs.getincrementaldecoder("utf-16")("surrogatepass")
    counts = _Counts(limits)
    stream = view(file, _CHUNK)
    damaged = False
    while True:
        chunk = stream.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeError:
            raise ValidationError(
                _("The characters of this file are damaged near line %(line)s: save it again as UTF-8."),
                code="encoding",
                params={"line": counts.lines + 1},
            )
        if "\0" in text:
            raise _nul(counts.lines + text[: text.index("\0")].count("\n") + 1)
        damaged = damaged or has_surrogates(text)
        counts.add(text.encode("utf-8", "replace"))
        if not chunk:
            return Scan("utf-16", "surrogatepass", damaged, counts.total_lines, counts.quotes, counts.cards)


class _Counts:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.size = self.feeds = self.returns = self.quotes = self.cards = self.run = 0
        self.ends_open = False

    @property
    def lines(self) -> int:
        return self.feeds or self.returns

    @property
    def total_lines(self) -> int:
        return self.lines + self.ends_open

    def add(self, chunk: bytes) -> None:
        if not chunk:
            return
        ends = [at for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0]
        if self.run + (min(ends) if ends else len(chunk)) > self.limits.max_record:
            raise ValidationError(
                _("Line %(line)s is too long: this isn't a table of contacts."),
                code="line",
                params={"line": self.lines + 1},
            )
        last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self.run = len(chunk) - last - 1 if ends else self.run + len(chunk)
        self.size += len(chunk)
        self.feeds += chunk.count(b"\n")
        self.returns += chunk.count(b"\r")
        self.quotes += chunk.count(b'"')
        self.cards += chunk.upper().count(b"BEGIN:VCARD")
        self.ends_open = last != len(chunk) - 1


def _nul(line: int) -> ValidationError:
    return ValidationError(
        _("Line %(line)s holds a NUL byte: the file is damaged or isn't a text file."),
        code="nul",
        params={"line": line},
    )
