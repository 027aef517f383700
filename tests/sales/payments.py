"""Payments for the tests, recorded by the services of the pages."""

from datetime import date
from typing import Any

from django.utils import timezone

from people.models import User
from sales.models import Invoice, Payment
from sales.services.payment import record_payment
from sales.services.statement import start_reading, upload_statement
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


def money_for(admin: User, invoice: Invoice, long: str) -> dict[str, int]:
    """What addresses of payments and statements are made of, with long words."""
    payment = pay(invoice.gross + 5, invoice, reference=long[:140], payer=long[:160], note=long[:500])
    rows = f"{today():%d/%m/%Y};{long[:250]};12,00\nhier;{long[:90]};3,00\n"
    content = f"Date;Libelle;Montant\n{rows}".encode()
    made = [
        upload_statement(user=admin, agency=invoice.agency, name=long[:200], content=content)
        for _turn in range(2)
    ]
    read = start_reading(user=admin, statement=made[0], columns=made[0].columns)
    line = read.lines.get().pk
    return {"money": payment.pk, "bank_statement": read.pk, "statement_file": made[1].pk, "bank_line": line}


def today() -> date:
    return timezone.localdate()


def state(invoice: Invoice) -> tuple[Any, ...]:
    """(paid, credited, written off, balance, settlement, letter) as they stand."""
    invoice.refresh_from_db()
    return (
        invoice.paid, invoice.credited, invoice.written_off, invoice.balance, invoice.settlement,
        str(invoice.letter or ""),
    )  # fmt: skip
