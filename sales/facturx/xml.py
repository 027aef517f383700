"""Facts → XML of Factur-X, profile EN 16931 (CII D22B), as France wants it.

The library `factur-x` writes the elements in their order; here is which fact goes where. What the norm wants
and a person would not type (electronic addresses, the note of the treatment) is filled in.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from facturx import generate_xml

from sales.facturx.facts import (
    Address,
    Category,
    Delivery,
    Discount,
    Invoice,
    Line,
    Note,
    Party,
    Payment,
    Subject,
    Treatment,
    VatAmount,
)

LEVEL = "en16931"
# ISO 6523: SIREN, SIRET, the French directory of electronic addresses; "EM" is an e-mail address.
SIREN, SIRET, DIRECTORY, EMAIL = "0002", "0009", "0225", "EM"
CENT = Decimal("0.01")


class NotWritable(ValueError):
    """The facts cannot be made into XML at all; `str()` says why, for people."""


def write_xml(invoice: Invoice) -> bytes:
    """The XML of these facts, not yet checked by any rule (`validation.check` does).

    The same facts give the same bytes. Raises NotWritable where even the elements cannot be made.
    """
    if not clean(invoice.number):
        raise NotWritable(_("The invoice has no number."))
    for line in invoice.lines:
        if not clean(line.name):
            raise NotWritable(_("Line %(number)s has no label.") % {"number": line.number})
    try:
        written: bytes = generate_xml(
            _fields(invoice), flavor="factur-x", level=LEVEL, check_xsd=False, check_schematron=False
        )
    except NotWritable:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise NotWritable(str(error)) from error
    return written


def clean(text: str) -> str:
    """Text that XML can carry: no control characters, no halves of characters, no blanks around."""
    kept = (
        char
        for char in text
        if char in "\t\n\r"
        or (char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff")
    )
    return "".join(kept).strip()


def money(amount: Decimal) -> str:
    """« 1234.50 ». An amount with parts of a cent is a mistake of whoever computed it."""
    if amount != amount.quantize(CENT):
        raise NotWritable(_("The amount %(amount)s has parts of a cent.") % {"amount": amount})
    return f"{amount.quantize(CENT) + 0:f}"


def number(value: Decimal, decimals: int) -> str:
    """A quantity, price or rate without zeros at its end, of so many decimals at most."""
    rounded = value.quantize(Decimal(1).scaleb(-decimals))
    if rounded != value:
        about = {"value": value, "count": decimals}
        raise NotWritable(_("The number %(value)s has more than %(count)s decimals.") % about)
    text = f"{rounded + 0:f}"  # « + 0 » makes 0 of −0
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fields(invoice: Invoice) -> dict[str, Any]:
    """What the library takes, by the numbers of the norm."""
    totals = invoice.totals
    return _filled(
        {
            "BT-1": clean(invoice.number),
            "BT-2": invoice.issued_on,
            "BT-3": str(invoice.type_code),
            "BT-5": invoice.currency,
            "BT-8": str(invoice.vat_point),
            "BT-9": invoice.due_on,
            "BT-10": clean(invoice.buyer_reference),
            "BT-12": clean(invoice.contract_number),
            "BT-13": clean(invoice.order_number),
            "BT-20": clean(invoice.terms),
            "BT-23": str(invoice.process),
            "BT-73": invoice.start,
            "BT-74": invoice.end,
            **_payment(invoice.payment),
            **_delivery(invoice),
            "BT-106": money(totals.lines),
            "BT-107": money(totals.discounts) if totals.discounts else "",
            "BT-108": money(totals.charges) if totals.charges else "",
            "BT-109": money(totals.net),
            "BT-110": money(totals.vat),
            "BT-112": money(totals.gross),
            "BT-113": money(totals.prepaid) if totals.prepaid else "",
            "BT-114": money(totals.rounding) if totals.rounding else "",
            "BT-115": money(totals.due),
            "BG-1": [
                _filled({"BT-21": str(each.subject), "BT-22": clean(each.text)}) for each in _notes(invoice)
            ],
            "BG-3": [
                _filled({"BT-25": clean(each.number), "BT-26": each.issued_on}) for each in invoice.preceding
            ],
            "BG-4": _party(invoice.seller, is_seller=True),
            "BG-7": _party(invoice.buyer),
            "BG-20": [_discount(each) for each in invoice.discounts if not each.is_charge],
            "BG-21": [_discount(each) for each in invoice.discounts if each.is_charge],
            "BG-23": [_vat_amount(each) for each in invoice.vat],
            "BG-25": [_line(each) for each in invoice.lines],
        }
    )


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    """Without what is not said; a name that is missing is for the library to complain of."""
    return {
        name: value for name, value in fields.items() if value not in ("", None, [], {}) or name == "name"
    }


def _notes(invoice: Invoice) -> Iterable[Note]:
    """The notes, and how the reform treats the invoice, unless a note says so already."""
    yield from (note for note in invoice.notes if clean(note.text))
    if invoice.treatment and not any(note.subject == Subject.TREATMENT for note in invoice.notes):
        yield Note(str(invoice.treatment), Subject.TREATMENT)


def treatment_of(buyer: Party, *, is_consumer: bool = False) -> Treatment:
    """How the reform treats an invoice to this buyer, for a seller in France."""
    if is_consumer:
        return Treatment.B2C
    return Treatment.B2B if buyer.siren else Treatment.B2B_ABROAD


def electronic_address(party: Party) -> tuple[str, str]:
    """(address, scheme) of BT-34 and BT-49: as given, else the SIREN in the French directory, else e-mail."""
    if party.electronic_address:
        return clean(party.electronic_address), party.electronic_scheme or DIRECTORY
    if party.siren:
        return party.siren, DIRECTORY
    return (clean(party.email), EMAIL) if party.email else ("", "")


def _party(party: Party, *, is_seller: bool = False) -> dict[str, Any]:
    address, scheme = electronic_address(party)
    said = {"name": clean(party.contact_name), "phone": clean(party.phone), "email": clean(party.email)}
    contact = {name: value for name, value in said.items() if value}
    # Without a VAT number (293 B) the norm wants another number of the seller for the tax (BR-E-02).
    tax = party.siren if is_seller and not party.vat_number else ""
    return _filled(
        {
            "name": clean(party.name),
            "identifiers": {SIRET: party.siret} if party.siret else {},
            "legal_identifier": party.siren or clean(party.register_number),
            "legal_identifier_schemeid": SIREN if party.siren else "",
            "vat_identifier": clean(party.vat_number),
            "tax_identifier": tax,
            "legal_info": clean(party.legal_notice) if is_seller else "",
            "biz_name": clean(party.trading_name),
            "einvoicing_addr": address,
            "einvoicing_addr_schemeid": scheme,
            "contacts": [contact] if contact else [],
            **_address(party.address),
        }
    )


def _address(address: Address) -> dict[str, Any]:
    first, second, *others = [*(clean(line) for line in address.lines if clean(line)), "", ""]
    return _filled(
        {
            "addr_l1": first,
            "addr_l2": second,
            "addr_l3": ", ".join(line for line in others if line),
            "postcode": clean(address.postcode),
            "city": clean(address.city),
            "country_code": address.country,
        }
    )


def _delivery(invoice: Invoice) -> dict[str, Any]:
    """Where to and when. The schema wants the element: where nothing is said, it names the buyer's place."""
    delivery = invoice.delivery or Delivery()
    place = None
    if delivery.party is not None or delivery.on is None:
        party = delivery.party or replace(invoice.buyer, siret="")
        identifiers = {SIRET: party.siret} if party.siret else {}
        place = _filled({"name": clean(party.name), "identifiers": identifiers, **_address(party.address)})
    return {"BT-72": delivery.on, "BG-13": place}


def _payment(payment: Payment | None) -> dict[str, Any]:
    if payment is None:
        return {}
    return {
        "BT-81": str(payment.means),
        "BT-83": clean(payment.reference),
        "BT-84": _compact(payment.iban),
        "BT-85": clean(payment.account_name) if payment.iban else "",
        "BT-86": _compact(payment.bic) if payment.iban else "",
        "BT-89": clean(payment.mandate),
        "BT-90": clean(payment.creditor_id),
        "BT-91": _compact(payment.debited_iban),
    }


def _compact(text: str) -> str:
    return "".join(text.split()).upper()


def _discount(discount: Discount) -> dict[str, Any]:
    vat = discount.vat
    return _filled(
        {
            "amount": money(discount.amount),
            "base_amount": money(discount.base) if discount.base is not None else "",
            "rate": number(discount.percent, 4) if discount.percent is not None else "",
            "reason": clean(discount.reason) or ("Frais" if discount.is_charge else "Remise"),
            "reason_code": "" if discount.is_charge else "95",
            "vat_category_code": str(vat.category) if vat else "",
            "vat_rate": number(vat.rate, 2) if vat and vat.category != Category.OUTSIDE else "",
        }
    )


def _vat_amount(each: VatAmount) -> dict[str, Any]:
    return _filled(
        {
            "BT-116": money(each.base),
            "BT-117": money(each.amount),
            "BT-118": str(each.vat.category),
            "BT-119": number(each.vat.rate, 2) if each.vat.category != Category.OUTSIDE else "",
            "BT-120": clean(each.reason),
            "BT-121": str(each.reason_code),
        }
    )


def _line(line: Line) -> dict[str, Any]:
    period: dict[str, date | None] = {"BT-134": line.start, "BT-135": line.end}
    return _filled(
        {
            "BT-126": line.number,
            "BT-129": number(line.quantity, 4),
            "BT-130": line.unit,
            "BT-131": money(line.amount),
            **period,
            "BT-146": number(line.price, 6),
            "BT-151": str(line.vat.category),
            "BT-152": number(line.vat.rate, 2) if line.vat.category != Category.OUTSIDE else "",
            "BT-153": clean(line.name),
            "BT-154": clean(line.description),
            "BT-155": clean(line.reference),
            "BG-27": [_discount(each) for each in line.discounts if not each.is_charge],
            "BG-28": [_discount(each) for each in line.discounts if each.is_charge],
        }
    )
