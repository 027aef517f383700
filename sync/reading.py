"""Reading what others send: any part may be missing, of another type, or far too long."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date

from digiweb.identifiers import clean_siren, clean_siret, clean_vat

# INSEE writes this where a firm does not want its data spread.
HIDDEN = "[ND]"


def part(data: Any, *path: str | int) -> Any:
    """What stands at the end of a path of keys and places; None where it leads nowhere."""
    for step in path:
        if isinstance(step, int):
            data = data[step] if isinstance(data, list) and len(data) > step else None
        else:
            data = data.get(step) if isinstance(data, dict) else None
    return data


def rows(data: Any, *path: str | int) -> list[dict[str, Any]]:
    """The objects of a list at the end of a path."""
    found = part(data, *path)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def text(data: Any, *path: str | int, limit: int = 200) -> str:
    """A short text without control characters; "" for what is hidden, missing, or no text."""
    value = part(data, *path)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    words = "".join(char if char.isprintable() else " " for char in str(value)[: limit * 4]).split()
    joined = " ".join(words)
    return "" if HIDDEN in joined else joined[:limit].strip()


def whole(data: Any, *path: str | int, limit: int = 10_000_000) -> int | None:
    """A number of heads or a year; None for anything else."""
    value = part(data, *path)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return None
    return int(value) if 0 <= value <= limit else None


def amount(data: Any, *path: str | int) -> Decimal | None:
    """Euros, as our columns hold them; None for what is negative, endless or no number."""
    value = part(data, *path)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = Decimal(str(value)[:30])
    except InvalidOperation:
        return None
    if not found.is_finite() or not 0 <= found < Decimal("1e13"):
        return None
    return found.quantize(Decimal("0.01"))


def day(data: Any, *path: str | int) -> date | None:
    """A day written as 2024-03-31, or 31/03/2024; None for anything else."""
    value = text(data, *path, limit=10)
    if value[2:3] == "/" and value[5:6] == "/":
        value = f"{value[6:]}-{value[3:5]}-{value[:2]}"
    try:
        found = parse_date(value)
    except ValueError:
        return None
    return found if found and 1800 < found.year < 2200 else None


def siren_in(data: Any, *path: str | int) -> str:
    return _checked(clean_siren, text(data, *path, limit=20))


def siret_in(data: Any, *path: str | int) -> str:
    return _checked(clean_siret, text(data, *path, limit=30))


def vat_in(data: Any, *path: str | int) -> str:
    return _checked(clean_vat, text(data, *path, limit=20))


def naf_in(data: Any, *path: str | int) -> str:
    """« 62.01Z », with or without its point."""
    value = text(data, *path, limit=8).upper().replace(".", "")
    if len(value) == 5 and value[:4].isdigit() and value[4].isalpha():
        return f"{value[:2]}.{value[2:]}"
    return ""


def postcode_in(data: Any, *path: str | int) -> str:
    value = text(data, *path, limit=12)
    return value if len(value) == 5 and value.isalnum() else ""


SMALL = {"DE", "DU", "DES", "LA", "LE", "LES", "EN", "SUR", "SOUS", "ET", "AUX", "AU", "D", "L", "LÈS", "LÈZ"}


def proper(words: str) -> str:
    """A town or a street as one writes it, where the register has capitals only."""
    if not words.isupper():
        return words
    pieces = re.split(r"([ \-’']+)", words)
    return "".join(
        piece.lower() if place and piece in SMALL else piece.capitalize()
        for place, piece in enumerate(pieces)
    )


def street(words: str) -> str:
    """« 12 BIS RUE DE LA PAIX » → « 12 bis rue de la Paix »."""
    written = proper(words)
    if written == words:
        return words
    begin = re.match(r"[0-9]+[A-Za-z]? (?:(?:Bis|Ter|Quater) )?[A-Za-zÀ-ÿ]+", written)
    return written[: begin.end()].lower() + written[begin.end() :] if begin else written


def _checked(clean: Any, value: str) -> str:
    try:
        return str(clean(value)) if value else ""
    except ValidationError:
        return ""
