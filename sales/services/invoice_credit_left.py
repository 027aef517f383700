"""What of an issued invoice can still be credited: by VAT rate and by line. Reads, changes nothing."""

from decimal import Decimal
from typing import Any

from sales.amounts import NOUGHT
from sales.models import Invoice, InvoiceRate
from sales.services.invoice_sums import as_values, effective_nets, invoice_sums, is_item

Left = dict[Decimal, tuple[Decimal, Decimal]]


def left_by_rate(original: Invoice, without: int | None = None) -> Left:
    """{rate: (base, VAT)} of an invoice less its issued credit notes; `without` is one that does not
    count.
    """
    left: Left = {rate.rate: (rate.base, rate.vat) for rate in original.rates.all()}
    taken = InvoiceRate.objects.filter(invoice__corrects=original, invoice__status=Invoice.Status.ISSUED)
    for rate in taken.exclude(invoice=without):
        base, vat = left.get(rate.rate, (NOUGHT, NOUGHT))
        left[rate.rate] = (base - rate.base, vat - rate.vat)
    return left


def left_by_line(original: Invoice, without: int | None = None) -> dict[int, Decimal]:
    """{number of a line: what of it is left before tax}, discounts on the whole taken off."""
    left = nets_by_line(original)
    notes = Invoice.objects.filter(corrects=original, status=Invoice.Status.ISSUED).exclude(pk=without or 0)
    for note in notes.order_by("pk"):
        for line, amount in credited_by_line(note).items():
            left[line] = left.get(line, NOUGHT) - amount
    return left


def nets_by_line(invoice: Invoice) -> dict[int, Decimal]:
    """{number of a line: its part of what the invoice comes to before tax}."""
    lines = list(invoice.lines.order_by("position", "id"))
    nets = _effective(invoice, as_values(lines))
    return {line.pk: net for line, net in zip(lines, nets, strict=True) if line.is_item}


def credited_by_line(note: Invoice, values: list[dict[str, Any]] | None = None) -> dict[int, Decimal]:
    """{number of a line of the corrected invoice: what this credit note takes of it}."""
    given = values if values is not None else as_values(note.lines.order_by("position", "id"))
    found: dict[int, Decimal] = {}
    for line, net in zip(given, _effective(note, given), strict=True):
        if is_item(line) and line["credits"] is not None:
            found[line["credits"]] = found.get(line["credits"], NOUGHT) + net
    return found


def _effective(invoice: Invoice, values: list[dict[str, Any]]) -> list[Decimal]:
    sums = invoice_sums(
        values,
        treatment=invoice.treatment,
        discount_percent=invoice.discount_percent,
        discount_amount=invoice.discount_amount,
    )
    return effective_nets(values, sums, invoice.treatment)
