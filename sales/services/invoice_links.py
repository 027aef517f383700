"""What an invoice rests on: the invoice that it corrects, the quote whose work it bills, the deposits it
takes off.

These are locked before the invoice itself, in one order everywhere (quote, then invoices by number), so that
two credit notes or two final invoices never take the same euro.
"""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.utils.translation import gettext as _

from digiweb.templatetags.digiweb import money
from sales.amounts import NOUGHT
from sales.models import Invoice, InvoiceLine, Quote
from sales.services.invoice_credit_left import credited_by_line, left_by_line, left_by_rate
from sales.services.invoice_sums import counted, invoice_sums, is_item
from sales.services.settlement import hold_invoices

# Those that bill the work of a quote piece by piece.
OF_PROGRESS = (Invoice.Kind.DEPOSIT, Invoice.Kind.INTERIM, Invoice.Kind.FINAL)


def hold_links(invoice: Invoice) -> None:
    """Lock what the invoice rests on; raises ValidationError where that is not issued."""
    if invoice.quote_id is not None:
        Quote.objects.select_for_update().get(pk=invoice.quote_id)
    deducted = InvoiceLine.objects.filter(invoice=invoice, deducts__isnull=False)
    numbers = set(deducted.values_list("deducts_id", flat=True))
    if invoice.corrects_id is not None:
        numbers.add(invoice.corrects_id)
    for other in hold_invoices(numbers).values():
        if other.is_draft:
            raise ValidationError(_("“%(invoice)s” is not issued.") % {"invoice": other})


def check_links(invoice: Invoice, lines: list[dict[str, Any]]) -> None:
    """Nothing is credited, deducted or billed twice. Raises ValidationError; to be called under the locks."""
    if invoice.corrects is not None:
        _check_credit(invoice, invoice.corrects, lines)
        return
    for deposit, taken in _deductions(lines, invoice.treatment).items():
        _check_deduction(Invoice.objects.get(pk=deposit), taken)
    if invoice.quote is not None and invoice.kind in OF_PROGRESS:
        _check_quote(invoice, invoice.quote, lines)


def _check_credit(note: Invoice, original: Invoice, lines: list[dict[str, Any]]) -> None:
    if original.is_draft or original.is_credit_note:
        raise ValidationError(_("“%(invoice)s” is no issued invoice.") % {"invoice": original})
    left = left_by_line(original, without=note.pk)
    for number, amount in credited_by_line(note, lines).items():
        most = left.get(number, NOUGHT)
        if not _within(amount, most):
            label = next(line["label"] for line in lines if line["credits"] == number)
            raise ValidationError(
                _("“%(line)s”: %(most)s is left to credit, not %(amount)s.")
                % {"line": label, "most": money(most), "amount": money(amount)}
            )
    if any(is_item(line) and line["credits"] is None for line in lines):
        raise ValidationError(_("A credit note has lines of the invoice that it corrects, and no others."))
    sums = invoice_sums(
        lines,
        treatment=note.treatment,
        discount_percent=note.discount_percent,
        discount_amount=note.discount_amount,
    )
    rates = left_by_rate(original, without=note.pk)
    for rate in sums.rates:
        if rate.base > rates.get(rate.rate, (NOUGHT, NOUGHT))[0]:
            raise ValidationError(
                _("More than is left of “%(invoice)s” would be credited.") % {"invoice": original}
            )


def _within(amount: Decimal, most: Decimal) -> bool:
    """Between nought and `most`, which is negative for what a final invoice took off."""
    return NOUGHT <= amount <= most if most >= 0 else most <= amount <= NOUGHT


def _deductions(lines: list[dict[str, Any]], treatment: str) -> dict[int, dict[Decimal, Decimal]]:
    """{deposit invoice: {rate: what is taken off it}}."""
    found: dict[int, dict[Decimal, Decimal]] = {}
    for line in lines:
        if line.get("deducts"):
            one = counted(line, treatment)
            by_rate = found.setdefault(line["deducts"], {})
            rate = one.vat_rate.quantize(Decimal("0.01"))
            by_rate[rate] = by_rate.get(rate, NOUGHT) - one.net
    return found


def _check_deduction(deposit: Invoice, taken: dict[Decimal, Decimal]) -> None:
    left = deductible(deposit)
    for rate, amount in taken.items():
        if amount > left.get(rate, NOUGHT):
            raise ValidationError(
                _("“%(deposit)s”: %(most)s is left to take off, not %(amount)s.")
                % {"deposit": deposit, "most": money(left.get(rate, NOUGHT)), "amount": money(amount)}
            )


def deductible(deposit: Invoice) -> dict[Decimal, Decimal]:
    """{rate: base of an issued invoice that no credit note took back and no final invoice took off yet}."""
    left = {rate: base for rate, (base, _vat) in left_by_rate(deposit).items()}
    taken = InvoiceLine.objects.filter(deducts=deposit, invoice__status=Invoice.Status.ISSUED)
    # A final invoice that was credited as a whole gives back what it took off.
    for line in taken.select_related("invoice"):
        given_back = line.credited_by.filter(invoice__status=Invoice.Status.ISSUED).aggregate(
            total=Sum("net")
        )
        rate = NOUGHT if line.invoice.treatment != Invoice.Treatment.STANDARD else line.vat_rate
        left[rate] = left.get(rate, NOUGHT) + line.net - (given_back["total"] or NOUGHT)
    return left


def _check_quote(invoice: Invoice, quote: Quote, lines: list[dict[str, Any]]) -> None:
    """What is billed of a quote, this invoice included, is never more than the quote comes to."""
    net = invoice_sums(
        lines,
        treatment=invoice.treatment,
        discount_percent=invoice.discount_percent,
        discount_amount=invoice.discount_amount,
    ).net
    left = quote.net - billed_of(quote, without=invoice.pk)
    if net > left:
        raise ValidationError(
            _("%(left)s is left to invoice of “%(quote)s”, not %(amount)s.")
            % {"left": money(left), "quote": quote, "amount": money(net)}
        )


def billed_of(quote: Quote, without: int | None = None) -> Decimal:
    """What is invoiced of a quote before tax, less what was credited; drafts do not count."""
    issued = Invoice.objects.filter(status=Invoice.Status.ISSUED).exclude(pk=without or 0)
    billed = issued.filter(quote=quote, corrects=None).aggregate(total=Sum("net"))["total"] or NOUGHT
    credited = issued.filter(corrects__quote=quote).aggregate(total=Sum("net"))["total"] or NOUGHT
    return Decimal(billed - credited)
