"""vCards (2.1, 3.0, 4.0), one card at a time, as a table with the columns that a contact needs."""

import logging
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import vobject
from django.utils.translation import gettext as _

from digiweb.tabular.scan import Scan, has_surrogates
from digiweb.tabular.source import Limits, Row, Source, damaged_text, text_lines

# It logs the text of the lines that it can't read: people's data, and our rows say it already.
logging.getLogger("vobject").setLevel(logging.CRITICAL)

HEADER = [
    "First name",
    "Last name",
    "Full name",
    "Email",
    "Phone",
    "Mobile",
    "Company",
    "Job title",
    "Address",
    "Postcode",
    "City",
    "Country",
    "Tags",
    "Note",
]
# What a card carries and a contact doesn't need; a photo alone may weigh a megabyte.
_DROPPED = re.compile(r"(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY|AGENT)[;:]", re.I)
_BASE64_LINE = re.compile(r"[A-Za-z0-9+/]{20,}={0,2}")
_SEVERAL = " ::: "


class VcardSource(Source):
    kind = "vcard"

    def __init__(self, file: BinaryIO, name: str, limits: Limits, scan: Scan) -> None:
        super().__init__(file, name, limits)
        self._scan = scan
        self.encoding = scan.label
        self.header = list(HEADER)
        self.total_hint = scan.cards
        self.require_content()

    def rows(self, start: int = 0) -> Iterator[Row]:
        for number, card in enumerate(self._cards(), 1):
            if number <= start:
                continue
            yield self._row(number, card)

    def _row(self, number: int, card: str) -> Row:
        empty = [""] * len(self.header)
        if len(card) >= self.limits.max_record:
            return Row(number, empty, _("This card is too long."))
        if self._scan.damaged and has_surrogates(card):
            return Row(number, empty, damaged_text())
        try:
            values = _values(vobject.readOne(card, ignoreUnreadable=True, allowQP=True))
        except Exception:  # vobject raises anything on a card that is wrong
            return Row(number, empty, _("This card can't be read."))
        if not any(values):
            return Row(number, empty, _("This card can't be read."))
        if any(has_surrogates(value) for value in values):
            return Row(number, empty, damaged_text())
        return self.fit(number, values)

    def _cards(self) -> Iterator[str]:
        """The text of each card. What exceeds the limit of a card is dropped: none fills the memory."""
        lines: list[str] = []
        size = 0
        inside = dropping = False
        for line in text_lines(self.file, self._scan.encoding, self._scan.errors):
            mark = line.strip("\ufeff \t\r\n").upper() if len(line) < 40 else ""
            if mark == "BEGIN:VCARD":
                if inside and lines:  # the card before was never closed
                    yield _card(lines)
                lines, size, inside, dropping = [], 0, True, False
            elif mark == "END:VCARD":
                if inside:
                    yield _card(lines)
                lines, inside = [], False
            elif inside:
                if dropping and (line[0] in " \t\r\n" or _BASE64_LINE.fullmatch(line.strip())):
                    continue
                dropping = _DROPPED.match(line) is not None
                if not dropping and size < self.limits.max_record:
                    lines.append(line)
                    size += len(line)
        if inside and lines:
            yield _card(lines)


def _card(lines: list[str]) -> str:
    return "BEGIN:VCARD\r\n" + "".join(lines) + "\r\nEND:VCARD\r\n"


def _values(card: Any) -> list[str]:
    name = getattr(card, "n", None)
    first = _text(getattr(name.value, "given", "")) if name is not None else ""
    last = _text(getattr(name.value, "family", "")) if name is not None else ""
    full = "" if first or last else _first(card, "fn")
    mobiles, phones = _phones(card)
    company = _first(card, "org")
    place = _address(card)
    tags = ", ".join(_text(line.value, ", ") for line in card.contents.get("categories", []))
    notes = "\n".join(_text(line.value) for line in card.contents.get("note", []))
    emails = sorted(card.contents.get("email", []), key=lambda line: not _preferred(line))
    email = next((text for text in (_text(line.value) for line in emails) if text), "")
    return [
        first,
        last,
        full,
        email.removeprefix("mailto:"),
        _SEVERAL.join(phones),
        _SEVERAL.join(mobiles),
        company,
        _first(card, "title") or _first(card, "role"),
        *place,
        tags,
        notes,
    ]


def _phones(card: Any) -> tuple[list[str], list[str]]:
    mobiles: list[str] = []
    phones: list[str] = []
    for line in sorted(card.contents.get("tel", []), key=lambda line: not _preferred(line)):
        number = _text(line.value).removeprefix("tel:").strip()
        kinds = _kinds(line)
        if number and not kinds & {"FAX", "PAGER"}:
            (mobiles if kinds & {"CELL", "MOBILE", "IPHONE"} else phones).append(number)
    return mobiles, phones


def _address(card: Any) -> list[str]:
    lines = sorted(card.contents.get("adr", []), key=lambda line: "WORK" not in _kinds(line))
    for line in lines:
        adr = line.value
        street = ", ".join(
            filter(None, (_text(getattr(adr, part, ""), ", ") for part in ("street", "extended")))
        )
        place = [street, *(_text(getattr(adr, part, "")) for part in ("code", "city", "country"))]
        if any(place):
            return place
    return ["", "", "", ""]


def _first(card: Any, name: str) -> str:
    for line in card.contents.get(name, []):
        value = line.value
        if name == "org" and isinstance(value, list):  # the departments come after the company
            value = value[0] if value else ""
        text = _text(value)
        if text:
            return text
    return ""


def _text(value: Any, separator: str = " ") -> str:
    if isinstance(value, list | tuple):
        return separator.join(filter(None, (_text(part) for part in value)))
    return str(value or "").strip()


def _kinds(line: Any) -> set[str]:
    kinds = [*line.params.get("TYPE", []), *line.singletonparams]
    return {part.strip().upper() for kind in kinds for part in kind.split(",")}


def _preferred(line: Any) -> bool:
    return "PREF" in _kinds(line) or "PREF" in line.params
