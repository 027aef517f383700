"""The file of a batch for the bank: pain.008.001.08, as the European Payments Council's rulebooks want it.

Since 15 November 2026 addresses must be structured: they are written as street, postcode, town and country,
or left out where they are not known. What is written is checked against the scheme (XSD) before anybody gets
it.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from sepaxml import SepaDD
from sepaxml.validation import ValidationError as NotValid
from text_unidecode import unidecode

from digiweb.identifiers import bank_of
from sales.models import Debit, DebitBatch
from sales.services.document_facts import buyer_facts

SCHEMA = "pain.008.001.08"
# The characters that all banks take (EPC217-08).
_OUTSIDE = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_NUMBER = re.compile(r"^(\d+(?:\s?(?:bis|ter|quater|[A-Da-d]))?)[\s,]+(.+)$", re.IGNORECASE)


def sepa_text(text: str, most: int) -> str:
    """`text` in the SEPA character set: accents go, what has no letter of its own too; never a leading or a
    double slash, which banks read as a separator.
    """
    plain = _OUTSIDE.sub(" ", unidecode(text))
    plain = re.sub(r"/{2,}", "/", plain).strip(" /")
    return " ".join(plain.split())[:most].strip(" /")


def cents(amount: Decimal) -> int:
    return int((amount * 100).to_integral_exact())


def address_of(party: dict[str, Any]) -> dict[str, str] | None:
    """A structured address (PstlAdr); None without a town, which the rulebooks ask for."""
    town, country = sepa_text(str(party.get("city") or ""), 35), str(party.get("country") or "FR")
    if not town or len(country) != 2:
        return None
    street = " ".join(str(party.get("address") or "").split())
    found = _NUMBER.match(street)
    number, name = (found[1], found[2]) if found else ("", street)
    parts = {
        "street_name": sepa_text(name, 70),
        "building_number": sepa_text(number, 16),
        "postcode": sepa_text(str(party.get("postcode") or ""), 16),
        "town": town,
        "country": country.upper(),
    }
    return {name: value for name, value in parts.items() if value}


def write_file(batch: DebitBatch, debits: Sequence[Debit]) -> bytes:
    """The file of these collections. Raises ValidationError where it would not be valid.

    `debits` come with their mandate, its account and their invoice.
    """
    agency = batch.agency
    config: dict[str, Any] = {
        "name": sepa_text(agency.name, 70),
        "IBAN": agency.iban,
        "batch": True,
        "creditor_id": agency.ics,
        "currency": "EUR",
        "instrument": batch.scheme,
    }
    bic = agency.bic or bank_of(agency.iban)[1]
    if bic:
        config["BIC"] = bic
    address = address_of({name: getattr(agency, name) for name in ("address", "postcode", "city", "country")})
    if address:
        config["address"] = address
    file = SepaDD(config, schema=SCHEMA, clean=True)
    _name_message(file, batch.reference)
    for debit in debits:
        file.add_payment(_payment(batch, debit))
    try:
        content: bytes = file.export(validate=True)
    except NotValid as error:
        cause = getattr(error.__cause__, "reason", "") or ""
        # The reason quotes what stood there: an account is not repeated to anybody.
        where = re.sub(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", "…", str(cause))[:200]
        raise ValidationError(_("The file for the bank is not valid: %(why)s") % {"why": where}) from None
    return content


def _payment(batch: DebitBatch, debit: Debit) -> dict[str, Any]:
    mandate, invoice = debit.mandate, debit.invoice
    account = mandate.account
    buyer = (invoice.facts or {}).get("buyer") or buyer_facts(invoice)
    payment: dict[str, Any] = {
        "name": sepa_text(account.holder or buyer["name"], 70) or sepa_text(str(mandate.rum), 70),
        "IBAN": account.iban,
        "amount": cents(debit.amount),
        "type": debit.sequence,
        "collection_date": batch.collect_on,
        "mandate_id": mandate.rum,
        "mandate_date": mandate.signed_on,
        "description": sepa_text(str(invoice.number), 140),
        "endtoend_id": debit.reference,
    }
    bic = account.bic or bank_of(account.iban)[1]
    if bic:
        payment["BIC"] = bic
    address = address_of(buyer)
    if address:
        payment["address"] = address
    return payment


def _name_message(file: Any, reference: str) -> None:
    """The reference that the bank quotes is ours (MsgId)."""
    file.msg_id = reference
    for node in file._xml.iter("MsgId"):
        node.text = reference
