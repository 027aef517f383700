"""Identifiers of companies and of their accounts: SIREN, SIRET, VAT number, IBAN, BIC.

Forgiving about spaces, strict about digits. What is wrong with an IBAN or a BIC is told without
repeating it: these messages come to reports and logs.
"""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from schwifty import BIC, IBAN
from schwifty.exceptions import InvalidChecksumDigits, InvalidCountryCode, InvalidLength, SchwiftyException
from stdnum import exceptions, get_cc_module
from stdnum.eu import at_02
from stdnum.fr import siren as siren_rules
from stdnum.fr import siret as siret_rules

_SEPARATORS = re.compile(r"[\s.,\-‐-―−_/'’\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_DIGITS = re.compile(r"[0-9]+").fullmatch
_EXPONENT = re.compile(r"\s*[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+\s*").fullmatch
_VAT = re.compile(r"([A-Z]{2,3})[A-Z0-9+*]{2,15}").fullmatch
# Where the letters that begin a VAT number are not the country's ISO code.
_VAT_COUNTRIES = {"EL": "gr", "XI": "gb", "CHE": "ch"}
_OUTSIDE_UNION = ("gb", "ch", "no")

_LABEL = re.compile(r"(?:IBAN|BIC|SWIFT)[:=]?", re.IGNORECASE)
# Banks there have numbers of the country that they belong to, and addresses (BIC) of their own.
_BIC_COUNTRIES = {
    "FR": ("FR", "MC", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "NC", "PF", "WF", "TF"),
    "MC": ("MC", "FR"),
    "GB": ("GB", "GG", "JE", "IM"),
    "FI": ("FI", "AX"),
    "DK": ("DK", "FO", "GL"),
}


def clean_siren(text: str) -> str:
    """The nine digits of a French company's SIREN."""
    number = _digits(text, "SIREN", 9)
    try:
        siren_rules.validate(number)
    except exceptions.ValidationError:
        raise _wrong_key("SIREN", number)
    return number


def clean_siret(text: str) -> str:
    """The fourteen digits of a French establishment's SIRET (La Poste's own key included)."""
    number = _digits(text, "SIRET", 14)
    try:
        siret_rules.validate(number)
    except exceptions.ValidationError:
        raise _wrong_key("SIRET", number)
    return number


def clean_vat(text: str) -> str:
    """A VAT number with its country's letters: the European Union, Great Britain, Switzerland, Norway."""
    number = _SEPARATORS.sub("", text).upper()
    if re.fullmatch(r"[0-9A-HJ-NP-Z]{2}[0-9]{9}", number) and not number[:2].isalpha():
        number = "FR" + number  # typed without its letters
    match = _VAT(number)
    if not match:
        raise ValidationError(
            _("A VAT number begins with the two letters of its country, for example FR40303265045."),
            code="format",
        )
    prefix = "CHE" if number.startswith("CHE") else number[:2]
    country = _VAT_COUNTRIES.get(prefix, prefix.lower())
    rules = _vat_rules(country)
    if rules is None:
        raise ValidationError(
            _("“%(prefix)s” isn't a country whose VAT numbers are known here."),
            code="country",
            params={"prefix": prefix},
        )
    if country == "ch" and number[3:].isdigit():
        number += "MWST"  # the suffix in one of three languages; kept out of the value
    if country == "fr" and len(number) != 13:
        raise ValidationError(
            _("A French VAT number has FR and 11 characters: %(given)s were given."),
            code="length",
            params={"given": len(number) - 2},
        )
    try:
        valid = rules.validate(number)
    except exceptions.ValidationError:
        raise ValidationError(
            _("This VAT number isn't right: %(number)s. One of its characters is wrong."),
            code="checksum",
            params={"number": number},
        )
    if country == "ch":
        return str(valid[:12])
    return str(valid if valid.startswith(prefix) else prefix + valid)


def vat_of_siren(siren: str) -> str:
    """The French VAT number that belongs to a SIREN."""
    number = clean_siren(siren)
    return f"FR{(12 + 3 * (int(number) % 97)) % 97:02d}{number}"


def clean_ics(text: str) -> str:
    """The identifier of a SEPA creditor (ICS): country, check digits, activity code, national number."""
    number = "".join(text.split()).upper()
    try:
        return str(at_02.validate(number))
    except exceptions.ValidationError:
        raise ValidationError(
            _("This SEPA creditor identifier isn't right: in France it looks like FR72ZZZ123456."),
            code="format",
        ) from None


def clean_iban(text: str) -> str:
    """An IBAN in one piece: the length and shape of its country, the check digits, the French RIB key."""
    number = _compact(text)
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+", number):
        raise ValidationError(
            _(
                "An IBAN begins with the two letters of its country and two digits, for example FR76, "
                "and has letters and digits only."
            ),
            code="format",
        )
    try:
        IBAN(number, validate_bban=True)
    except InvalidCountryCode:
        raise ValidationError(
            _("“%(country)s” isn't a country whose accounts have an IBAN."),
            code="country",
            params={"country": number[:2]},
        ) from None
    except InvalidLength:
        length = IBAN(number, allow_invalid=True).spec["iban_length"]
        raise ValidationError(
            _("An IBAN that begins with %(country)s has %(length)s characters: %(given)s were given."),
            code="length",
            params={"country": number[:2], "length": length, "given": len(number)},
        ) from None
    except InvalidChecksumDigits:
        raise ValidationError(
            _("This IBAN isn't right: one of its characters is wrong, or two have changed places."),
            code="checksum",
        ) from None
    except SchwiftyException:
        raise ValidationError(
            _("The check digits of this IBAN hold, but the account number inside it isn't right."),
            code="account",
        ) from None
    return number


def bank_of(iban: str) -> tuple[str, str]:
    """(name, BIC) of the bank of a clean IBAN, "" where the register of its country does not tell."""
    known = IBAN(iban, allow_invalid=True)
    return known.bank_name or "", str(known.bic or "")


def clean_bic(text: str, iban: str = "") -> str:
    """A BIC of 8 or 11 characters, of the country of `iban` where one is given."""
    code = _compact(text)
    if len(code) not in (8, 11):
        raise ValidationError(
            _("A BIC has 8 or 11 characters: %(given)s were given."),
            code="length",
            params={"given": len(code)},
        )
    try:
        BIC(code, enforce_swift_compliance=True)
    except SchwiftyException:
        raise ValidationError(
            _("This BIC isn't right: four letters for the bank, two for its country, letters or digits."),
            code="format",
        ) from None
    country = iban[:2].upper()
    if country and code[4:6] not in _BIC_COUNTRIES.get(country, (country,)):
        raise ValidationError(
            _("This BIC belongs to a bank in %(bank)s, the IBAN to one in %(account)s."),
            code="country",
            params={"bank": code[4:6], "account": country},
        )
    return code


def _compact(text: str) -> str:
    """Without separators and without the word that people copy with it (« IBAN : FR76 … »)."""
    number = _SEPARATORS.sub("", text)
    label = _LABEL.match(number)
    # « IBANFR76 … » has a label; a BIC that begins with « IBAN » has no digits where the number has them.
    if label and len(number) > label.end() + 7:
        number = number[label.end() :]
    return number.upper()


def _vat_rules(country: str):  # type: ignore[no-untyped-def]  # a module of stdnum, or None
    from stdnum.eu.vat import MEMBER_STATES

    if country not in MEMBER_STATES and country not in _OUTSIDE_UNION:
        return None
    return get_cc_module(country, "vat")


def _digits(text: str, name: str, length: int) -> str:
    if _EXPONENT(text):
        raise ValidationError(
            _(
                "The spreadsheet has lost digits of this %(name)s: “%(value)s”. "
                "Format the column as text and type it again."
            ),
            code="exponent",
            params={"name": name, "value": text.strip()[:40]},
        )
    number = _SEPARATORS.sub("", text)
    if not _DIGITS(number):
        raise ValidationError(
            _("A %(name)s has digits only: “%(value)s” was given."),
            code="format",
            params={"name": name, "value": text.strip()[:40]},
        )
    if len(number) != length:
        raise ValidationError(
            _("A %(name)s has %(length)s digits: %(given)s were given."),
            code="length",
            params={"name": name, "length": length, "given": len(number)},
        )
    return number


def _wrong_key(name: str, number: str) -> ValidationError:
    return ValidationError(
        _("This %(name)s isn't right: %(number)s. One of its digits is wrong."),
        code="checksum",
        params={"name": name, "number": number},
    )
