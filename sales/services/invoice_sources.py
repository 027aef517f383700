"""Drafts out of what was sold: a contract, a subscription, an accepted quote."""

from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from sales.models import Contract, Invoice, Quote, Subscription
from sales.models.document import DocumentLine
from sales.services.invoice import create_invoice
from sales.services.invoice_progress import create_final_draft


@transaction.atomic
def draft_from_contract(*, user: Any, contract: Contract) -> Invoice:
    """All that a contract comes to once: its lines, or its amount where it has none."""
    lines = [
        _line(line.label, line.unit_amount, line.vat_rate, line.quantity)
        for line in contract.lines.order_by("position", "id")
        if line.period == "once"
    ]
    if not lines:
        label = str(contract.offer or contract.description[:200] or contract.reference)
        lines = [_line(label, contract.amount, _rate(contract.offer), offer=contract.offer_id)]
    invoice = _draft(contract.client, contract.owner)
    invoice.subject = str(contract.offer or contract.reference)[:200]
    invoice.contract = contract
    # A contract need not say how it is paid; an invoice does (BT-81).
    invoice.payment_method = contract.payment_method or invoice.payment_method
    return create_invoice(user=user, invoice=invoice, lines=lines)


@transaction.atomic
def draft_from_subscription(*, user: Any, subscription: Subscription, month: date | None = None) -> Invoice:
    """One month of a subscription: that of the day `month` (today)."""
    row = _line(
        subscription.label,
        subscription.monthly_amount,
        _rate(subscription.offer),
        offer=subscription.offer_id,
    )
    invoice = _draft(subscription.client, subscription.client.owner)
    invoice.subject, invoice.subscription = subscription.label[:200], subscription
    day = month or timezone.localdate()
    invoice.period_start = day.replace(day=1)
    invoice.period_end = day.replace(day=monthrange(day.year, day.month)[1])
    return create_invoice(user=user, invoice=invoice, lines=[{**row, "unit": str(DocumentLine.Unit.MONTH)}])


def draft_from_quote(*, user: Any, quote: Quote) -> Invoice:
    """What is left of a quote: plain, or final where deposits or interim invoices came before."""
    return create_final_draft(user=user, quote=quote)


def _rate(offer: Any) -> Decimal:
    return Decimal(20) if offer is None else Decimal(offer.vat_rate)


def _draft(client: Any, owner: Any) -> Invoice:
    invoice = Invoice(client=client, treatment="", language="")
    if owner is not None:
        invoice.owner = owner
    return invoice


def _line(
    label: str, price: Decimal, rate: Decimal, quantity: Decimal = Decimal(1), offer: int | None = None
) -> dict[str, Any]:
    return {
        "kind": str(DocumentLine.Kind.ITEM),
        "label": label[:200],
        "description": "",
        "quantity": quantity,
        "unit": str(DocumentLine.Unit.ONE),
        "unit_price": price,
        "discount_percent": Decimal(0),
        "vat_rate": rate,
        "offer": offer,
    }
