"""Fields that the library read, by their numbers in the norm → facts.

What others write may be anything: texts are bounded, numbers are numbers of a sensible size, what is missing
is empty. Only what makes an invoice one (number, date, names, totals) must be there.
"""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from sales.facturx.facts import (
    NOTHING,
    Address,
    Delivery,
    Discount,
    Invoice,
    Line,
    Note,
    Party,
    Payment,
    Preceding,
    Totals,
    TypeCode,
    Vat,
    VatAmount,
)
from sales.facturx.xml import DIRECTORY, EMAIL, SIREN, SIRET, clean

LONGEST_TEXT = 5000
LONGEST_NAME = 200
LONGEST_CODE = 60
# No amount, price or quantity of an invoice has more digits before its point.
GREATEST = Decimal(10) ** 12
# How many decimals we keep of what others write.
FINEST = Decimal("0.0000000001")


class NotAnInvoice(ValueError):
    """What every invoice has is missing, or nonsense; `str()` says what, for people."""


def gather(fields: dict[str, Any]) -> Invoice:
    """The facts among these fields. Raises NotAnInvoice."""
    number = text(fields, "BT-1", LONGEST_CODE)
    issued_on = day(fields, "BT-2")
    if not number:
        raise NotAnInvoice(_("The invoice has no number."))
    if issued_on is None:
        raise NotAnInvoice(_("The invoice has no date of issue."))
    seller = _party(fields.get("BG-4"))
    if not seller.name:
        raise NotAnInvoice(_("The name of the supplier is missing."))
    return Invoice(
        number=number,
        issued_on=issued_on,
        type_code=text(fields, "BT-3", 3) or TypeCode.INVOICE,
        currency=text(fields, "BT-5", 3) or "EUR",
        seller=seller,
        buyer=_party(fields.get("BG-7")),
        lines=tuple(map(_line, rows(fields, "BG-25"))),
        vat=tuple(map(_vat_amount, rows(fields, "BG-23"))),
        totals=_totals(fields),
        process=text(fields, "BT-23", LONGEST_CODE),
        treatment=next((note.text for note in _notes(fields) if note.subject == "BAR"), ""),
        due_on=day(fields, "BT-9"),
        vat_point=text(fields, "BT-8", LONGEST_CODE),
        terms=text(fields, "BT-20", LONGEST_TEXT),
        payment=_payment(fields),
        notes=_notes(fields),
        discounts=_discounts(fields, "BG-20", "BG-21"),
        preceding=tuple(
            Preceding(text(each, "BT-25", LONGEST_CODE), day(each, "BT-26")) for each in rows(fields, "BG-3")
        ),
        delivery=_delivery(fields),
        start=day(fields, "BT-73"),
        end=day(fields, "BT-74"),
        order_number=text(fields, "BT-13", LONGEST_NAME),
        contract_number=text(fields, "BT-12", LONGEST_NAME),
        buyer_reference=text(fields, "BT-10", LONGEST_NAME),
    )


# --- One value


def _one(value: Any) -> Any:
    """Of several values where one is expected, the first."""
    while isinstance(value, list):
        value = value[0] if value else None
    return value


def text(fields: dict[str, Any], name: str, longest: int = LONGEST_NAME) -> str:
    value = _one(fields.get(name))
    return clean(str(value))[:longest] if value else ""


def day(fields: dict[str, Any], name: str) -> date | None:
    value = _one(fields.get(name))
    return value if isinstance(value, date) else None


def amount(fields: dict[str, Any], name: str) -> Decimal:
    """A number, 0 where there is none. Raises NotAnInvoice for what no invoice has (1e400, NaN)."""
    found = maybe_amount(fields, name)
    return NOTHING if found is None else found


def maybe_amount(fields: dict[str, Any], name: str) -> Decimal | None:
    value = _one(fields.get(name))
    if value in (None, ""):
        return None
    try:
        number = Decimal(str(value).strip()[:60])
        if not number.is_finite() or abs(number) >= GREATEST:
            raise InvalidOperation
        # Whole amounts as they are written, endless fractions cut.
        exponent = number.as_tuple().exponent
        return number.quantize(FINEST) if isinstance(exponent, int) and exponent < -10 else number
    except InvalidOperation:
        raise NotAnInvoice(_("An amount is not a number: %(value)s.") % {"value": str(value)[:40]}) from None


def rows(fields: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = fields.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


# --- Groups


def _party(group: Any) -> Party:
    if not isinstance(group, dict):
        return Party("")
    given = {str(scheme or ""): number for scheme, number in (group.get("identifiers") or {}).items()}
    legal = text(group, "legal_identifier", LONGEST_CODE)
    scheme = text(group, "legal_identifier_schemeid", LONGEST_CODE)
    digits = "".join(legal.split())
    # Foreign registers are of nine digits too: the scheme says whose it is, else the country.
    is_siren = scheme == SIREN or (not scheme and text(group, "country_code", 2) == "FR")
    siren = digits if is_siren and len(digits) == 9 and digits.isdecimal() else ""
    siret = "".join(str(given.get(SIRET) or "").split())[:14]
    if not siret and len(digits) == 14 and digits.isdecimal() and (is_siren or scheme == SIRET):
        siret, siren = digits, digits[:9]
    contact = next(iter(rows(group, "contacts")), {})
    endpoint = text(group, "einvoicing_addr")
    endpoint_scheme = text(group, "einvoicing_addr_schemeid", LONGEST_CODE)
    email = text(contact, "email")
    # What writing would make of the rest is not said twice.
    implied = (endpoint, endpoint_scheme) in ((siren, DIRECTORY), ("" if siren else email, EMAIL))
    return Party(
        name=text(group, "name"),
        address=_address(group),
        siren=siren or _siren_in(group),
        siret=siret,
        register_number="" if siren else legal,
        vat_number="".join(text(group, "vat_identifier", LONGEST_CODE).split()).upper(),
        legal_notice=text(group, "legal_info", LONGEST_TEXT),
        trading_name=text(group, "biz_name"),
        electronic_address="" if implied else endpoint,
        electronic_scheme="" if implied else endpoint_scheme,
        contact_name=text(contact, "name"),
        phone=text(contact, "phone", LONGEST_CODE),
        email=email,
    )


def _siren_in(group: dict[str, Any]) -> str:
    """The SIREN that a French VAT number ends in, where none is given by itself."""
    number = "".join(text(group, "vat_identifier", LONGEST_CODE).split()).upper()
    found = number[4:] if number.startswith("FR") and len(number) == 13 else ""
    return found if found.isdecimal() else ""


def _address(group: dict[str, Any]) -> Address:
    lines = (text(group, name) for name in ("addr_l1", "addr_l2", "addr_l3"))
    return Address(
        tuple(line for line in lines if line),
        text(group, "postcode", 20),
        text(group, "city"),
        text(group, "country_code", 2).upper(),
    )


def _totals(fields: dict[str, Any]) -> Totals:
    if "BT-112" not in fields and "BT-115" not in fields:
        raise NotAnInvoice(_("The total of the invoice is missing."))
    net, gross = amount(fields, "BT-109"), amount(fields, "BT-112")
    return Totals(
        lines=amount(fields, "BT-106"),
        discounts=amount(fields, "BT-107"),
        charges=amount(fields, "BT-108"),
        net=net,
        vat=amount(fields, "BT-110"),
        gross=gross,
        prepaid=amount(fields, "BT-113"),
        rounding=amount(fields, "BT-114"),
        due=amount(fields, "BT-115"),
    )


def _vat_amount(row: dict[str, Any]) -> VatAmount:
    return VatAmount(
        Vat(text(row, "BT-118", 2), amount(row, "BT-119")),
        amount(row, "BT-116"),
        amount(row, "BT-117"),
        text(row, "BT-120", LONGEST_TEXT),
        text(row, "BT-121", LONGEST_CODE),
    )


def _line(row: dict[str, Any]) -> Line:
    return Line(
        number=text(row, "BT-126", LONGEST_CODE),
        name=text(row, "BT-153", LONGEST_TEXT),
        description=text(row, "BT-154", LONGEST_TEXT),
        quantity=amount(row, "BT-129"),
        unit=text(row, "BT-130", 10),
        price=_price(row),
        amount=amount(row, "BT-131"),
        vat=Vat(text(row, "BT-151", 2), amount(row, "BT-152")),
        discounts=_discounts(row, "BG-27", "BG-28"),
        start=day(row, "BT-134"),
        end=day(row, "BT-135"),
        reference=text(row, "BT-155"),
    )


def _price(row: dict[str, Any]) -> Decimal:
    """The price of one: some write that of a hundred, with a quantity to divide by (BT-149)."""
    price, base = amount(row, "BT-146"), amount(row, "BT-149")
    return (price / base).quantize(FINEST).normalize() if base not in (NOTHING, Decimal(1)) else price


def _discounts(fields: dict[str, Any], allowances: str, charges: str) -> tuple[Discount, ...]:
    def made(row: dict[str, Any], *, is_charge: bool) -> Discount:
        category = text(row, "vat_category_code", 2)
        return Discount(
            amount(row, "amount"),
            text(row, "reason"),
            maybe_amount(row, "rate"),
            maybe_amount(row, "base_amount"),
            Vat(category, amount(row, "vat_rate")) if category else None,
            is_charge,
        )

    taken = [made(row, is_charge=False) for row in rows(fields, allowances)]
    return (*taken, *(made(row, is_charge=True) for row in rows(fields, charges)))


def _payment(fields: dict[str, Any]) -> Payment | None:
    codes: dict[str, str] = {
        "means": "BT-81",
        "iban": "BT-84",
        "bic": "BT-86",
        "account_name": "BT-85",
        "reference": "BT-83",
        "mandate": "BT-89",
        "creditor_id": "BT-90",
        "debited_iban": "BT-91",
    }
    said = {name: text(fields, code) for name, code in codes.items()}
    return Payment(**said) if any(said.values()) else None


def _notes(fields: dict[str, Any]) -> tuple[Note, ...]:
    notes = (Note(text(row, "BT-22", LONGEST_TEXT), text(row, "BT-21", 3)) for row in rows(fields, "BG-1"))
    return tuple(note for note in notes if note.text)


def _delivery(fields: dict[str, Any]) -> Delivery | None:
    place = fields.get("BG-13")
    party = _party(place) if isinstance(place, dict) and place else None
    on = day(fields, "BT-72")
    return Delivery(party, on) if party or on else None
