"""vCards (2.1, 3.0, 4.0), one card at a time, as a table with the columns that a contact needs.

The parser is our own: vobject's regular expressions take exponential time on a short line made for it, and an
import reads files that anybody may have made.
"""

import binascii
import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from digiweb.tabular.scan import Scan, has_surrogates
from digiweb.tabular.source import Limits, Row, Source, damaged_text, text_lines

HEADER = [
    gettext_noop("First name"),
    gettext_noop("Last name"),
    gettext_noop("Full name"),
    gettext_noop("Email"),
    gettext_noop("Phone"),
    gettext_noop("Mobile"),
    gettext_noop("Company"),
    gettext_noop("Job title"),
    gettext_noop("Address"),
    gettext_noop("Postcode"),
    gettext_noop("City"),
    gettext_noop("Country"),
    gettext_noop("Tags"),
    gettext_noop("Note"),
]
_SEVERAL = " ::: "
_BEGIN, _END = "BEGIN:VCARD", "END:VCARD"
# What a card carries and a contact needs; a photo, which it doesn't, may weigh a megabyte.
_WANTED = {"N", "FN", "ORG", "TITLE", "ROLE", "EMAIL", "TEL", "ADR", "CATEGORIES", "NOTE"}
_DROPPED = re.compile(r"(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:]", re.I)
_BASE64_LINE = re.compile(r"[A-Za-z0-9+/]{20,}={0,2}")
_LONGEST_HEAD = 2_000
_PARAMETER = re.compile(r'(?:[^;"]|"[^"]*")+')
_COMPONENT = re.compile(r"((?:[^;\\]|\\.|\\\Z)*)(?:;|\Z)", re.S)
_ESCAPED = re.compile(r"\\(.)", re.S)
_CHARSETS = {"UTF-8", "US-ASCII", "ISO-8859-1", "ISO-8859-15", "WINDOWS-1252", "WINDOWS-1250", "WINDOWS-1251"}


class _Property(NamedTuple):
    name: str
    kinds: frozenset[str]  # parameters in capitals, TYPE= left out
    value: str


class VcardSource(Source):
    kind = "vcard"

    def __init__(self, file: BinaryIO, name: str, limits: Limits, scan: Scan) -> None:
        super().__init__(file, name, limits)
        self._scan = scan
        self.encoding = scan.label
        self.header = list(HEADER)
        self.total_hint = scan.cards
        self.require_content()

    @property
    def titles(self) -> list[str]:
        # The names are ours: a card has none.
        return [_(name) for name in self.header]

    def rows(self, start: int = 0) -> Iterator[Row]:
        for number, card in enumerate(self._cards(), 1):
            if number <= start:
                continue
            yield self._row(number, card)

    def _row(self, number: int, card: list[str]) -> Row:
        empty = [""] * len(self.header)
        if sum(map(len, card)) + len(card) >= self.limits.max_record:
            return Row(number, empty, _("This card is too long."))
        if self._scan.damaged and any(map(has_surrogates, card)):
            return Row(number, empty, damaged_text())
        values = _values(_properties(card))
        if not any(values):
            return Row(number, empty, _("This card can't be read."))
        if any(has_surrogates(value) or "\0" in value for value in values):
            return Row(number, empty, damaged_text())
        return self.fit(number, values)

    def _cards(self) -> Iterator[list[str]]:
        """The lines of each card. What exceeds the limit of a card is dropped: none fills the memory."""
        lines: list[str] = []
        inside = dropping = False
        size = 0
        for line in text_lines(self.file, self._scan.encoding, self._scan.errors):
            mark = line.strip("\ufeff \t\r\n").upper() if len(line) < 40 else ""
            if mark == _BEGIN:
                if lines:  # the card before was never closed
                    yield lines
                lines, size, inside, dropping = [], 0, True, False
            elif mark == _END:
                if inside:
                    yield lines
                lines, inside = [], False
            elif inside and size < self.limits.max_record:
                if dropping and (line[0] in " \t\r\n" or _BASE64_LINE.fullmatch(line.strip())):
                    continue
                dropping = _DROPPED.match(line) is not None
                if dropping:
                    continue
                lines.append(line.rstrip("\r\n"))
                size += len(line)
        if lines:
            yield lines


def _properties(card: list[str]) -> list[_Property]:
    """The lines put together again, and only those that a contact needs."""
    found: list[_Property] = []
    parts: list[str] = []
    wanted = quoted = False
    for line in [*card, "END:"]:
        if parts and quoted and parts[-1].endswith("="):  # quoted-printable: "=" ends a line that goes on
            parts[-1] = parts[-1][:-1]
            parts.append(line)
            continue
        if parts and line[:1] in (" ", "\t"):  # folded
            if wanted:
                parts.append(line[1:])
            continue
        if wanted:
            found.append(_property("".join(parts), quoted))
        head = line[:_LONGEST_HEAD].partition(":")[0].upper()
        wanted = head.partition(";")[0].rpartition(".")[2].strip() in _WANTED and ":" in line[:_LONGEST_HEAD]
        quoted = wanted and "QUOTED-PRINTABLE" in head
        parts = [line]
    return found


def _property(line: str, quoted: bool) -> _Property:
    colon = _first_colon(line)
    name, *parameters = _PARAMETER.findall(line[:colon]) or [""]
    value = line[colon + 1 :]
    kinds, charset = set(), "UTF-8"
    for parameter in parameters:
        key, equals, text = parameter.replace('"', "").upper().rpartition("=")
        if key == "CHARSET" and text in _CHARSETS:
            charset = text
        elif equals and key == "PREF":
            kinds.add("PREF")
        else:
            kinds.update(part.strip() for part in text.split(","))
    if quoted:
        data = binascii.a2b_qp(value.encode("utf-8", "replace"))
        try:
            value = data.decode(charset)
        except UnicodeDecodeError:
            value = data.decode("cp1252", "replace")
    return _Property(name.rpartition(".")[2].strip().upper(), frozenset(kinds), value)


def _first_colon(line: str) -> int:
    """The colon that ends the parameters: a quoted parameter may hold others."""
    inside = False
    for at, char in enumerate(line):
        if char == '"':
            inside = not inside
        elif char == ":" and not inside:
            return at
    return line.index(":")


def _split(value: str, count: int) -> list[str]:
    """The first components of a value that semicolons divide."""
    parts = [match[1] for match in islice(_COMPONENT.finditer(value), count)]
    return parts + [""] * (count - len(parts))


def _text(value: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()


def _values(card: list[_Property]) -> list[str]:
    def of(name: str) -> list[_Property]:
        return [line for line in card if line.name == name]

    def first_text(name: str) -> str:
        return next(filter(None, (_text(line.value) for line in of(name))), "")

    last, first = (_text(part) for part in _split(next((line.value for line in of("N")), ""), 2))
    full = "" if first or last else first_text("FN")
    emails = [_text(line.value).removeprefix("mailto:") for line in _preferred_first(of("EMAIL"))]
    phones, mobiles = _phones(_preferred_first(of("TEL")))
    company = _text(_split(next((line.value for line in of("ORG")), ""), 1)[0])  # then come its departments
    return [
        first,
        last,
        full,
        next(filter(None, emails), ""),
        _SEVERAL.join(phones),
        _SEVERAL.join(mobiles),
        company,
        first_text("TITLE") or first_text("ROLE"),
        *_address(of("ADR")),
        ", ".join(filter(None, (_text(line.value) for line in of("CATEGORIES")))),
        "\n".join(filter(None, (_text(line.value) for line in of("NOTE")))),
    ]


def _phones(lines: list[_Property]) -> tuple[list[str], list[str]]:
    phones: list[str] = []
    mobiles: list[str] = []
    for line in lines:
        number = _text(line.value).removeprefix("tel:").strip()
        if number and not line.kinds & {"FAX", "PAGER"}:
            (mobiles if line.kinds & {"CELL", "MOBILE", "IPHONE"} else phones).append(number)
    return phones, mobiles


def _address(lines: list[_Property]) -> list[str]:
    """Street, postcode, town, country of the first address, that of the office before that of the home."""
    for line in sorted(lines, key=lambda line: "WORK" not in line.kinds):
        _box, extended, street, city, _region, code, country = map(_text, _split(line.value, 7))
        place = [", ".join(filter(None, (street, extended))), code, city, country]
        if any(place):
            return place
    return ["", "", "", ""]


def _preferred_first(lines: list[_Property]) -> list[_Property]:
    return sorted(lines, key=lambda line: "PREF" not in line.kinds)
