"""Payments for the tests, recorded by the services of the pages."""

from datetime import date
from typing import Any

from django.utils import timezone

from sales.models import Invoice, Payment
from sales.services.payment import record_payment
from tests.sales.invoices import D, agency_for_invoices


def pay(amount: Any, /, *invoices: Invoice, **given: Any) -> Payment:
    """A receipt of `amount`, set against these invoices one after the other, as far as it goes."""
    left = D(str(amount))
    matches = {}
    for invoice in invoices:
        invoice.refresh_from_db()
        matches[invoice.pk] = min(left, invoice.balance)
        left -= matches[invoice.pk]
    values: dict[str, Any] = {
        "user": None,
        "agency": invoices[0].agency if invoices else agency_for_invoices(),
        "received_on": today(),
        "amount": D(str(amount)),
        "method": "transfer",
        "matches": {pk: part for pk, part in matches.items() if part},
    }
    return record_payment(**{**values, **given})


def today() -> date:
    return timezone.localdate()


def state(invoice: Invoice) -> tuple[Any, ...]:
    """(paid, credited, written off, balance, settlement, letter) as they stand."""
    invoice.refresh_from_db()
    return (
        invoice.paid, invoice.credited, invoice.written_off, invoice.balance, invoice.settlement,
        str(invoice.letter or ""),
    )  # fmt: skip
