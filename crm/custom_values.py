"""What custom fields hold: from what a person, a file or a program gives to the value that is kept, and back.

Pure: no database. A value is kept as JSON: texts, numbers and days as text (`"12345.6"`, `"2026-11-21"`),
choices by their key, yes and no as true and false; what is empty is not kept.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.importing.fields import clean_text
from digiweb.fields import validate_day
from digiweb.fulltext import fold

TEXT_LENGTH = 255
# Fifteen digits in all: what SQLite keeps of a number without rounding it.
WHOLE_DIGITS, DECIMALS = 11, 4
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)").fullmatch
_DAY_FORMS = (
    "%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y", "%d-%m-%y", "%Y/%m/%d"
)  # fmt: skip
_TIME = re.compile(r"[ T]00:00(?::00(?:\.0+)?)?Z?$")
_YES = frozenset(["true", "oui", "yes", "vrai", "1", "x", "o", "y", "on", "✓", "✔"])
_NO = frozenset(["false", "non", "no", "faux", "0", "n", "off"])


def text_value(given: Any) -> str | None:
    if not isinstance(given, str):
        raise _wrong(_("Give a text."))
    text = clean_text(given)
    if len(text) > TEXT_LENGTH:
        raise _wrong(
            _("At most %(allowed)s characters: %(given)s were given.")
            % {"allowed": TEXT_LENGTH, "given": len(text)}
        )
    return text or None


def number_value(given: Any) -> str | None:
    """`12 345,6`, `1.234,50 €`, `1,234.50`: of two kinds of separators the last one is the decimal."""
    if isinstance(given, bool) or not isinstance(given, (str, int, float, Decimal)):
        raise _wrong(_("Give a number."))
    if isinstance(given, int) and abs(given) >= 10**WHOLE_DIGITS:
        raise _wrong(_too_big())
    text = clean_text(given) if isinstance(given, str) else format(Decimal(str(given)), "f")
    text = re.sub(r"[\s€'’]+", "", text)
    if not text:
        return None
    if "," in text and "." in text:
        text = text.replace("," if text.rfind(".") > text.rfind(",") else ".", "")
    text = text.replace(",", ".").replace("\N{MINUS SIGN}", "-")
    if len(text) > 400 or not text.isascii() or not _NUMBER(text):
        raise _wrong(_("“%(value)s” isn't a number.") % {"value": str(given)[:60]})
    number = Decimal(text)
    if abs(number) >= 10**WHOLE_DIGITS:
        raise _wrong(_too_big())
    if number != round(number, DECIMALS):
        raise _wrong(_("At most %(count)s decimals.") % {"count": DECIMALS})
    return format(round(number, DECIMALS).normalize() + 0, "f")


def day_value(given: Any) -> str | None:
    """2026-11-21, 21/11/2026, 21.11.26."""
    if isinstance(given, datetime):
        given = given.date()
    if isinstance(given, date):
        given = given.isoformat()
    if not isinstance(given, str):
        raise _wrong(_("Give a day, such as 2026-11-21."))
    text = _TIME.sub("", clean_text(given)).replace(" ", "")
    if not text:
        return None
    for form in _DAY_FORMS if len(text) <= 10 else ():
        try:
            day = datetime.strptime(text, form).date()
        except ValueError:
            continue
        validate_day(day)
        return day.isoformat()
    raise _wrong(_("“%(value)s” isn't a day: write it as 21/11/2026.") % {"value": clean_text(given)[:60]})


def yes_no_value(given: Any) -> bool | None:
    if isinstance(given, bool):
        return given
    if isinstance(given, int):
        given = str(given)
    if not isinstance(given, str):
        raise _wrong(_("Give yes or no."))
    text = fold(clean_text(given)).strip()
    if not text:
        return None
    if text in _YES or text in _NO:
        return text in _YES
    raise _wrong(_("“%(value)s” is neither yes nor no.") % {"value": clean_text(given)[:60]})


def choice_value(given: Any, choices: Mapping[str, str]) -> str | None:
    """The key of a choice, named by its key or its label in any spelling."""
    if not isinstance(given, str):
        raise _wrong(_("Give one of the choices."))
    if given in choices:
        return given
    text = clean_text(given)
    if not text:
        return None
    wanted = fold(text)
    for key, label in choices.items():
        if fold(label) == wanted:
            return key
    raise _wrong(_("“%(value)s” isn't one of the choices.") % {"value": text[:60]})


READERS: Mapping[str, Callable[[Any], Any]] = {
    "text": text_value,
    "number": number_value,
    "date": day_value,
    "yes_no": yes_no_value,
}


def is_kept_form(kind: str, value: Any) -> bool:
    """Whether a stored value is one of this kind, as it would be kept; choices by the caller."""
    try:
        return READERS[kind](value) == value and value is not None
    except ValidationError:
        return False


def _too_big() -> str:
    return _("At most %(count)s digits before the decimal point.") % {"count": WHOLE_DIGITS}


def _wrong(text: str) -> ValidationError:
    return ValidationError(text, code="custom")
