"""One value of the colleague's, read: any JSON value gives a clean one, or `Wrong` with the reason.

Pure: no database, no clock. Nothing is cut to fit and nothing is guessed.
"""

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from crm.importing.fields import clean_email, clean_lines, clean_phone, clean_text
from digiweb.identifiers import clean_bic, clean_iban
from sync.colleague.faults import type_name

PARIS = ZoneInfo("Europe/Paris")
CENT = Decimal("0.01")
# What a column of 12 digits with two decimals takes.
MOST = Decimal("9999999999.99")
FIRST_YEAR, LAST_YEAR = 1900, 2199
CARD_DEPTH, CARD_PARTS, CARD_TEXT = 10, 2000, 5000

# NUL and its kind, what is no character, half an emoji. Line ends, tabs, emoji and their joiners are texts.
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
).search
_SPACES = re.compile(r"[\s\u200b\u2060\ufeff]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?").fullmatch
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*").fullmatch
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})").fullmatch
_COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})").fullmatch
_FRENCH_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})").fullmatch
_ISO_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,][0-9]{1,9})?"
    r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?",
    re.I,
).fullmatch
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I).fullmatch


class Wrong(Exception):
    """A value that cannot be taken: a code of sync.colleague.faults.REASONS and its parts."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def expect(value: Any, expected: str) -> Wrong:
    return Wrong("type", expected=expected, given=type_name(value))


def is_empty(value: Any) -> bool:
    """Whether the source says that there is nothing."""
    return value is None or (isinstance(value, str) and len(value) < 1000 and (not value or value.isspace()))


# --- Texts


def text(value: Any, most: int) -> str:
    """One line; white space of any kind is one space."""
    if isinstance(value, str) and len(value) <= most and value.isprintable() and value.isascii():
        return " ".join(value.split())  # the usual case, a third of the time
    return _fitting(clean_text(_checked(value, most)), most)


def lines(value: Any, most: int) -> str:
    return _fitting(clean_lines(_checked(value, most)), most)


def name_or_number(value: Any, most: int) -> str:
    """A reference: a text, or a whole number of one's own making."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if value.bit_length() < 200 else "9" * 61
    return text(value, most)


def _checked(value: Any, most: int) -> str:
    if not isinstance(value, str):
        raise expect(value, "text")
    if len(value) > most * 4 + 400:
        raise Wrong("too_long", length=len(value), most=most)
    if _REFUSED(value):
        raise Wrong("control")
    return value


def _fitting(value: str, most: int) -> str:
    if len(value) > most:
        raise Wrong("too_long", length=len(value), most=most)
    return value


def email(value: Any) -> str:
    given = _checked(value, 254)
    try:
        return clean_email(given)
    except ValidationError:
        raise Wrong("email")


def phone(value: Any) -> str:
    """E.164. Of several in one text the first; a whole number too: many have lost their zero."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**15:
        value = str(value)
    given = _checked(value, 60)
    try:
        found = clean_phone(given)
    except ValidationError:
        raise Wrong("phone")
    if len(found) > 20:
        raise Wrong("phone")
    return found


def uuid(value: Any) -> UUID:
    given = text(value, 60)
    if not _UUID(given):
        raise Wrong("uuid")
    return UUID(given)


def iban(value: Any) -> str:
    try:
        return clean_iban(_checked(value, 80))
    except ValidationError:
        raise Wrong("iban") from None


def bic(value: Any) -> str:
    try:
        return clean_bic(_checked(value, 80))
    except ValidationError:
        raise Wrong("bic") from None


# --- Numbers


def whole(value: Any, least: int, most: int) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        if not least <= value <= most:
            raise Wrong("range", least=least, most=most)
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise expect(value, "integer")
    if not least <= value <= most:
        raise Wrong("range", least=least, most=most)
    return value


def amount(value: Any, least: Decimal = Decimal(0), most: Decimal = MOST) -> Decimal:
    """Euros to the cent: a number, or a text such as « 1 234,56 € ». More decimals are rounded half up."""
    if isinstance(value, str):
        found = _amount_in(_checked(value, 60))
    elif isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise expect(value, "number")
    else:
        # The shortest text that means this float: 19.99 and not 19.989999999999998.
        found = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not found.is_finite():
        raise Wrong("amount")
    if not least <= found <= most:
        raise Wrong("range", least=str(least), most=str(most))
    return found.quantize(CENT, ROUND_HALF_UP) + 0  # « -0 » is 0


def _amount_in(given: str) -> Decimal:
    bare = _SPACES.sub("", given).replace("€", "").replace("'", "").replace("’", "").replace("−", "-")
    if bare.upper().endswith("EUR"):
        bare = bare[:-3]
    if "," in bare and "." in bare:
        # Of two kinds of separators the last one stands before the cents.
        thousands = "," if bare.rfind(".") > bare.rfind(",") else "."
        before = bare[: bare.rfind("." if thousands == "," else ",")]
        if not _GROUPED(before):
            raise Wrong("amount")
        bare = bare.replace(thousands, "")
    elif _GROUPED(bare):
        # « 1.234 » and « 1,234 » are a thousand to some and one to others; « 1.234.567 » is clear.
        if len(re.findall("[.,]", bare)) == 1:
            raise Wrong("ambiguous")
        bare = bare.replace(",", "").replace(".", "")
    bare = bare.replace(",", ".")
    if not _NUMBER(bare):
        raise Wrong("amount")
    return Decimal(bare)


# --- Time


def day(value: Any) -> date:
    """A date; a moment with a zone is the day that it is in Paris then."""
    return _day(_checked(value, 40).strip())


@lru_cache(maxsize=4096)
def _day(given: str) -> date:
    try:
        for pattern in (_ISO_DAY, _COMPACT_DAY):
            if match := pattern(given):
                return _in_time(date(*map(int, match.groups())))
        if match := _FRENCH_DAY(given):
            of_month, month, year = map(int, match.groups())
            return _in_time(date(year, month, of_month))
        if match := _ISO_MOMENT(given):
            if not match[3]:
                return _in_time(_moment(match).date())
            return _in_time(_moment(match).astimezone(PARIS).date())
    except (ValueError, OverflowError):
        raise Wrong("day")
    raise Wrong("day")


def moment(value: Any, now: datetime | None = None) -> datetime:
    """When something was changed; in the future of `now` it would win for ever, so it is refused."""
    match = _ISO_MOMENT(_checked(value, 40).strip())
    try:
        if not match:
            raise Wrong("moment")
        if not match[3]:
            raise Wrong("zone")
        found = _moment(match)
        if not FIRST_YEAR <= found.astimezone(PARIS).year <= LAST_YEAR:
            raise Wrong("moment")
    except (ValueError, OverflowError):
        raise Wrong("moment")
    if now is not None and found > now:
        raise Wrong("future")
    return found


def _moment(match: re.Match[str]) -> datetime:
    zone = (match[3] or "").upper()
    if zone and zone != "Z" and len(zone) == 3:
        zone += ":00"
    fraction = re.search(r"[.,]([0-9]+)", match[0][16:])
    micro = f".{fraction[1][:6]:0<6}" if fraction and len(match[2]) == 8 else ""
    return datetime.fromisoformat(f"{match[1]}T{match[2]}{micro}{zone}")


def _in_time(found: date) -> date:
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Wrong("day")
    return found


# --- Objects


def card(value: Any) -> dict[str, Any]:
    """Any JSON object of a reasonable size, ready for a JSON column."""
    if not isinstance(value, dict):
        raise expect(value, "object")
    left = [CARD_PARTS]
    clean: dict[str, Any] = _card_part(value, 0, left)
    return clean


def _card_part(value: Any, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if depth > CARD_DEPTH or left[0] < 0:
        raise Wrong("nested")
    if isinstance(value, dict):
        return {
            _checked_part(str(key), 200): _card_part(part, depth + 1, left) for key, part in value.items()
        }
    if isinstance(value, list):
        return [_card_part(part, depth + 1, left) for part in value]
    if isinstance(value, str):
        return _checked_part(value, CARD_TEXT)
    if value is None or isinstance(value, bool):
        return value
    return _plain_number(value)


def _checked_part(value: str, most: int) -> str:
    return _fitting(_checked(value, most), most)


def _plain_number(value: Any) -> int | float:
    """As JSON has it: a Decimal is none."""
    if isinstance(value, int):
        if value.bit_length() > 200:
            raise Wrong("amount")
        return value
    number = Decimal(repr(value)) if isinstance(value, float) else value
    if not number.is_finite() or abs(number.adjusted()) > 60:
        raise Wrong("amount")
    return int(number) if number == number.to_integral_value() else float(number)
