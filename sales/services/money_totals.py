"""Keeping the sums of invoices and payments as they come and change hands (sales/models/money_total.py)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction

from digiweb.inserts import add_to_lines
from sales.models import Invoice, MoneyTotal, Payment

NOBODY = 0
BATCH = 5_000
Kind = MoneyTotal.Kind
KEYS = ("kind", "owner_id", "month", "agency_id")
Lines = dict[tuple[str, int, date, int], list[Decimal]]


class Figures(NamedTuple):
    """What the sums take from an invoice or a payment."""

    kind: str
    owner_id: int
    month: date
    agency_id: int
    amount: Decimal


def invoice_figures(invoice: Invoice) -> Figures:
    """An issued invoice before tax; a credit note takes away."""
    if invoice.issued_on is None:
        raise ValueError("a draft counts in no sum")
    month = invoice.issued_on.replace(day=1)
    amount = invoice.sign * Decimal(invoice.net)
    return Figures(Kind.INVOICED, invoice.owner_id or NOBODY, month, invoice.agency_id, amount)


def payment_figures(payment: Payment) -> Figures:
    """A payment with tax; what went back takes away."""
    month = payment.received_on.replace(day=1)
    amount = payment.sign * Decimal(payment.amount)
    return Figures(Kind.PAID, payment.owner_id or NOBODY, month, payment.agency_id, amount)


def adjust_money(before: Iterable[Figures], after: Iterable[Figures]) -> None:
    """Move the sums from what rows were to what they are, in the caller's transaction."""
    write_lines(lines_of(after, 1, lines_of(before, -1)))


def lines_of(figures: Iterable[Figures], sign: int = 1, into: Lines | None = None) -> Lines:
    """{key: [number, amount]} of rows that come, or go with sign -1."""
    lines: Lines = into if into is not None else defaultdict(lambda: [Decimal(0), Decimal(0)])
    for one in figures:
        line = lines[str(one.kind), one.owner_id, one.month, one.agency_id]
        line[0] += sign
        line[1] += sign * one.amount
    return lines


def write_lines(lines: Lines) -> None:
    """Add them to the table, in one order everywhere."""
    rows = sorted((*key, int(count), amount) for key, (count, amount) in lines.items() if count or amount)
    add_to_lines(MoneyTotal, KEYS, ("count", "amount"), rows)


@transaction.atomic
def recount_money() -> int:
    """Work out all sums anew from the rows; returns how many lines had been wrong."""
    held = MoneyTotal.objects.select_for_update().order_by(*KEYS)
    lines = lines_of(())
    for total in held:
        line = lines[total.kind, total.owner_id, total.month, total.agency_id]
        line[0] -= total.count
        line[1] -= total.amount
    invoices = Invoice.objects.filter(status=Invoice.Status.ISSUED).order_by("pk")
    columns = ("kind", "owner_id", "agency_id", "issued_on", "net")
    lines_of((invoice_figures(one) for one in invoices.only(*columns).iterator(chunk_size=BATCH)), 1, lines)
    payments = Payment.objects.order_by("pk").only("kind", "owner_id", "agency_id", "received_on", "amount")
    lines_of((payment_figures(one) for one in payments.iterator(chunk_size=BATCH)), 1, lines)
    wrong = sum(1 for values in lines.values() if any(values))
    write_lines(lines)
    return wrong
