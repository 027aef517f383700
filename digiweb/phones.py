"""Phone numbers: any way people and spreadsheets write them, kept as E.164.

An import normalises thousands of numbers a second, nearly all of them French. Those take a regular expression
and no library call; everything else goes through `phonenumbers`.
"""

import re

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# A French number without its separators: 0612345678, 612345678 (Excel dropped the zero), 33612345678,
# +33612345678, 0033612345678, +330612345678 (from "+33 (0)6…").
_FRENCH = re.compile(r"((?:\+|00)?33)?0?([1-9][0-9]{8})").fullmatch
# Spaces of every kind, dots, dashes, slashes, brackets, Excel's apostrophe, invisible direction marks.
_SEPARATORS = re.compile(r"[\s.\-‐-―−()\[\]/_·'’\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_EXPONENT = re.compile(r"\s*[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+\s*").fullmatch
_FLOAT = re.compile(r"([0-9]{8,15})[.,]0+").fullmatch
_LABEL = re.compile(r"^\s*(?:t[ée]l[ée]?(?:phone)?|phone|mob(?:ile)?|port(?:able)?|fax|gsm)[\s.:]*", re.I)
_EXTENSION = re.compile(
    r"\s*(?:[,;]?\s*(?:ext|extension|poste|x|#)[.:\s]*[0-9]{1,6}|;ext=[0-9]{1,6})\s*$", re.I
)
_ONE_NUMBER = re.compile(r"\+?\d+").fullmatch
_OVERSEAS = re.compile(r"26[239]|59[046]|639|69[0-7]").match
_OVERSEAS_REGIONS = ("RE", "GP", "MQ", "GF", "YT")
# Country codes whose national numbers are written with a leading zero as in France.
_FRENCH_CODES = ("33", "262", "590", "594", "596")


def normalise_phone(text: str, region: str = "FR") -> str:
    """The number as E.164 ("+33612345678"). Raises ValidationError, saying why, when it isn't one."""
    if region == "FR":
        match = _FRENCH(text) or _FRENCH(_SEPARATORS.sub("", text))
        if match:
            country, national = match.groups()
            if country is None and _OVERSEAS(national):
                return _overseas(national)
            return "+33" + national
    return _normalise_any(text, region)


def format_phone(e164: str) -> str:
    """For people: "06 12 34 56 78" for France, "+32 470 12 34 56" for the rest of the world."""
    if len(e164) == 12 and e164.startswith("+33"):
        return f"0{e164[3]} {e164[4:6]} {e164[6:8]} {e164[8:10]} {e164[10:]}"
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def phone_suffixes(e164: str) -> list[str]:
    """Every ending, four digits or more, of the number as it is dialled at home: what a search may type."""
    national = _national_digits(e164)
    return [national[start:] for start in range(len(national) - 3)]


def _national_digits(e164: str) -> str:
    digits = e164.lstrip("+")
    if digits.startswith("33"):
        return "0" + digits[2:]
    for size in (1, 2, 3):
        code = digits[:size]
        if code.isascii() and code.isdigit() and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return ("0" if code in _FRENCH_CODES else "") + digits[size:]
    return digits


def _overseas(national: str) -> str:
    """0692… is dialled from La Réunion as 06… is in Paris, yet its country code is 262."""
    for region in _OVERSEAS_REGIONS:
        number = phonenumbers.parse("0" + national, region)
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return "+33" + national


def _normalise_any(text: str, region: str) -> str:
    if _EXPONENT(text):
        raise ValidationError(
            _(
                "The spreadsheet has lost digits of this number: “%(value)s”. "
                "Format the column as text and type it again."
            ),
            code="exponent",
            params={"value": text.strip()[:40]},
        )
    cleaned = _LABEL.sub("", text.strip().strip("'’").removeprefix("tel:"))
    whole = _FLOAT(cleaned)
    if whole:  # a number column exported as 612345678.0
        return normalise_phone(whole[1], region)
    if len(cleaned) > 60:
        raise _invalid(text)
    without_extension = _EXTENSION.sub("", cleaned)
    if without_extension != cleaned:
        return normalise_phone(without_extension, region)
    # phonenumbers would dial letters (06 12 ABC) and drop what follows a semicolon.
    if not _ONE_NUMBER(_SEPARATORS.sub("", cleaned)):
        raise _invalid(text)
    try:
        number = phonenumbers.parse(cleaned, region)
    except phonenumbers.NumberParseException:
        raise _invalid(text)
    # Possible, not valid: numbering plans open new ranges faster than this library is updated here.
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == phonenumbers.ValidationResult.TOO_SHORT:
        raise _invalid(text, _("This phone number has too few digits: “%(value)s”."), "too_short")
    if reason == phonenumbers.ValidationResult.TOO_LONG:
        raise _invalid(text, _("This phone number has too many digits: “%(value)s”."), "too_long")
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise _invalid(text)
    if number.country_code == 33 and not _FRENCH("+33" + str(number.national_number)):
        raise _invalid(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _invalid(text: str, message: str = "", code: str = "invalid") -> ValidationError:
    message = message or _("“%(value)s” isn't a phone number.")
    return ValidationError(message, code=code, params={"value": text.strip()[:40]})
