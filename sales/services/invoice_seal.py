"""The chain of seals: what was issued, as canonical JSON, each bound to the one before by a key that is no
data.

Form 1: `payload` is JSON with sorted keys, no blanks, decimals as text; the seal is HMAC-SHA256 of
« previous seal + line's end + payload » under the key that the payload names (settings.SEAL_KEYS). Links to
other records are left out: they follow merges; names and addresses stand in `facts`.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from digiweb.inserts import insert_once
from sales.models import Invoice, InvoiceLine, InvoiceRate, InvoiceSeal, SealChain

FORM = 1
# Of the invoice, and of each line.
CONTENT = (
    "number", "kind", "issued_on", "due_on", "delivered_on", "period_start", "period_end", "subject",
    "introduction", "terms", "order_reference", "language", "treatment", "payment_method", "discount_percent",
    "discount_amount", "net", "vat", "gross", "facts",
)  # fmt: skip
LINE = (
    "position", "kind", "label", "description", "quantity", "unit", "unit_price", "discount_percent",
    "vat_rate", "net", "progress",
)  # fmt: skip


class UnknownKey(LookupError):
    """A seal was made with a key that is not in SEAL_KEYS."""


def content_of(
    invoice: Invoice, lines: Iterable[InvoiceLine], rates: Iterable[InvoiceRate], corrects: str = ""
) -> dict[str, Any]:
    """What of an invoice is sealed, as plain values."""
    return {
        **{name: getattr(invoice, name) for name in CONTENT},
        "agency": invoice.agency_id,
        "corrects": corrects,
        "lines": [{name: getattr(line, name) for name in LINE} for line in lines],
        "rates": [[rate.rate, rate.base, rate.vat] for rate in rates],
    }


def canonical(values: dict[str, Any]) -> str:
    """JSON that is the same for the same content, whatever wrote it."""
    return json.dumps(
        plain(values), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def plain(value: Any) -> Any:
    """Decimals as the shortest text that says them, days as ISO 8601."""
    if isinstance(value, Decimal):
        shortest = value.normalize()
        return f"{shortest:f}" if shortest else "0"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, str) else value


def seal_of(previous: str, payload: str, key_id: str) -> str:
    """The seal of a payload that follows `previous`. Raises UnknownKey."""
    text = f"{previous}\n{payload}".encode()
    return hmac.new(_keys_by_name(key_id), text, hashlib.sha256).hexdigest()


def _keys_by_name(key_id: str) -> bytes:
    for pair in settings.SEAL_KEYS:
        name, _colon, encoded = pair.partition(":")
        if name == key_id:
            return base64.b64decode(encoded, validate=True)
    raise UnknownKey(key_id)


def current_key() -> str:
    """The name of the key that seals today."""
    if not settings.SEAL_KEYS:
        raise ImproperlyConfigured("SEAL_KEYS is empty: `manage.py make_secrets` prints one.")
    return str(settings.SEAL_KEYS[0].partition(":")[0])


def hold_chain(agency_id: int) -> SealChain:
    """The locked end of an agency's chain; made with its first invoice."""
    insert_once(SealChain(agency_id=agency_id), "agency_id")
    return SealChain.objects.select_for_update().get(agency_id=agency_id)


def add_seal(
    chain: SealChain, *, invoice: Invoice, content: dict[str, Any], pdf: Any, user: Any
) -> InvoiceSeal:
    """The next seal of a locked chain. `pdf` is a `Kept` of sales/services/invoice_issue.py."""
    key = current_key()
    chain.length += 1
    payload = canonical(
        {
            "content": content,
            "form": FORM,
            "key": key,
            "pdf_sha256": pdf.sha256,
            "position": chain.length,
            "sealed_at": pdf.at,
            "xml_sha256": pdf.xml_sha256,
        }
    )
    seal = InvoiceSeal(
        invoice=invoice,
        agency_id=invoice.agency_id,
        position=chain.length,
        form=FORM,
        payload=payload,
        previous=chain.last_seal,
        seal=seal_of(chain.last_seal, payload, key),
        pdf=pdf.name,
        pdf_sha256=pdf.sha256,
        xml_sha256=pdf.xml_sha256,
        sealed_at=pdf.at,
        sealed_by=user,
    )
    seal.save(force_insert=True)
    chain.last_seal = seal.seal
    chain.save(update_fields=["length", "last_seal"])
    return seal
