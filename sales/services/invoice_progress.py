"""Invoices out of a quote: deposit, interim by what is done of each line, final less what was billed before.

What is left to invoice of a quote follows from its issued invoices (SPEC N4). Each amount that is billed so
far is rounded from the whole, never added up from roundings, so that the last invoice ends on the cent.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from sales.amounts import HUNDRED, NOUGHT, RateSums, Sums, to_cent
from sales.models import Invoice, InvoiceLine, Quote, QuoteLine
from sales.models.document import Document, DocumentLine
from sales.services.invoice import create_invoice
from sales.services.invoice_links import billed_of, deductible
from sales.services.invoice_sums import invoice_sums, is_item, line_net

COPIED = (
    "agency", "client", "company", "contact", "owner", "deal", "language", "treatment", "order_reference",
    "subject", "contract",
)  # fmt: skip
# Kinds that bill part of the work beforehand: a final invoice takes them off.
BEFORE = (Invoice.Kind.DEPOSIT, Invoice.Kind.INTERIM)


@transaction.atomic
def create_deposit_draft(*, user: Any, quote: Quote, percent: Decimal | None = None) -> Invoice:
    """A draft deposit invoice of so many percent of a quote (its own by default), a line for each VAT rate.

    VAT falls due when a deposit is received (CGI, article 269, 2-c). Raises ValidationError for a percentage
    that is none, and where less is left to invoice.
    """
    held = Quote.objects.select_for_update().get(pk=quote.pk)
    share = held.deposit_percent if percent is None else percent
    if not NOUGHT < share <= HUNDRED:
        raise ValidationError({"percent": _("A deposit is more than 0 % and at most 100 %.")})
    _lines, sums = sums_of_quote_once(held)
    invoice = _draft_of(held, Invoice.Kind.DEPOSIT)
    rows = []
    with override(held.language):
        words = _("Deposit of %(percent)s %% on the quote %(quote)s")
        label = words % {"percent": f"{share.normalize():f}", "quote": held.number}
        for rate in sums.rates:
            amount = to_cent(rate.base * share / HUNDRED)
            if amount:
                rows.append(_row(label, amount, rate.rate))
    if not rows:
        raise ValidationError(_("The quote comes to nothing: there is no deposit on it."))
    _check_left(held, sum((row["unit_price"] for row in rows), NOUGHT))
    return create_invoice(user=user, invoice=invoice, lines=rows)


@transaction.atomic
def create_interim_draft(*, user: Any, quote: Quote, progress: Mapping[int, Decimal]) -> Invoice:
    """A draft interim invoice: `progress` says how much of each line of the quote is done by now, in percent.

    Billed is what is done less what earlier interim invoices billed. A line that is left out stays where it
    was. Raises ValidationError for a line of another quote, for going back, for more than 100 %, where
    nothing is new.
    """
    held = Quote.objects.select_for_update().get(pk=quote.pk)
    lines, sums = sums_of_quote_once(held)
    before = progress_of(held)
    if set(progress) - {line["pk"] for line in lines}:
        raise ValidationError(_("This line is not of this quote."))
    after = {**before, **progress}
    moved = []
    for line in lines:
        done, was = after.get(line["pk"], NOUGHT), before.get(line["pk"], NOUGHT)
        _check_progress(line, done, was)
        if done != was:
            moved.append((line, done, was))
    if not moved:
        raise ValidationError(_("Nothing is further than before: there is nothing to invoice."))
    rows, turn = [], interims_of(held) + 1
    # The words of the document are in its language, those of a refusal in the reader's.
    with override(held.language):
        words = _("Interim no. %(turn)s: %(done)s %% done (%(was)s %% before)")
        for line, done, was in moved:
            amount = _done(line_net(line), done) - _done(line_net(line), was)
            told = words % {"turn": turn, "done": f"{done.normalize():f}", "was": f"{was.normalize():f}"}
            row = _row(line["label"], amount, line["vat_rate"], description=told)
            rows.append({**row, "quote_line": line["pk"], "progress": done, "offer": line["offer"]})
        rows += _discount_rows(lines, sums, after, before, held.treatment)
    net = invoice_sums(rows, treatment=held.treatment).net
    _check_left(held, net)
    return create_invoice(user=user, invoice=_draft_of(held, Invoice.Kind.INTERIM), lines=rows)


@transaction.atomic
def create_final_draft(*, user: Any, quote: Quote, parties: Mapping[str, Any] | None = None) -> Invoice:
    """A draft of all of a quote, less its deposit and interim invoices, rate by rate; plain where there are
    none. `parties` are columns that are not the quote's: a lessor who buys, the client as place of delivery.

    Raises ValidationError where a final invoice is issued already.
    """
    held = Quote.objects.select_for_update().get(pk=quote.pk)
    lines, sums = sums_of_quote_once(held)
    issued = Invoice.objects.filter(quote=held, status=Invoice.Status.ISSUED)
    earlier = list(issued.filter(kind__in=BEFORE).order_by("pk"))
    if not lines:
        raise ValidationError(_("Nothing of this quote is due once."))
    if (
        issued.filter(kind__in=(Invoice.Kind.FINAL, Invoice.Kind.INVOICE)).exists()
        and billed_of(held) >= sums.net
    ):
        raise ValidationError(_("“%(quote)s” is invoiced as a whole already.") % {"quote": held})
    copied = [
        {**{name: line[name] for name in _WRITTEN}, "quote_line": None, "progress": None}
        for line in _all_lines(held)
    ]
    if not earlier:
        plain = _draft_of(held, Invoice.Kind.INVOICE, parties)
        plain.discount_percent, plain.discount_amount = held.discount_percent, held.discount_amount
        return create_invoice(user=user, invoice=plain, lines=copied)
    done = {line["pk"]: HUNDRED for line in lines}
    with override(held.language):
        copied += _discount_rows(lines, sums, done, {}, held.treatment)
        for invoice in earlier:
            copied += _deduction_rows(invoice)
    return create_invoice(user=user, invoice=_draft_of(held, Invoice.Kind.FINAL, parties), lines=copied)


# --- What is done and what is left


def left_of(quote: Quote) -> Decimal:
    """What of a quote is left to invoice, before tax (« reste à facturer »)."""
    return max(Decimal(quote.net) - billed_of(quote), NOUGHT)


def progress_of(quote: Quote) -> dict[int, Decimal]:
    """{line of a quote: how much of it interim invoices billed by now, in percent}."""
    lines = InvoiceLine.objects.filter(
        invoice__quote=quote,
        invoice__kind=Invoice.Kind.INTERIM,
        invoice__status=Invoice.Status.ISSUED,
        quote_line__isnull=False,
        credited_by=None,
    )
    found = lines.order_by().values_list("quote_line").annotate(done=Max("progress"))
    return {line: done for line, done in found if done is not None}


def interims_of(quote: Quote) -> int:
    """How many interim invoices of a quote are issued."""
    return Invoice.objects.filter(
        quote=quote, kind=Invoice.Kind.INTERIM, status=Invoice.Status.ISSUED
    ).count()


def sums_of_quote_once(quote: Quote) -> tuple[list[dict[str, Any]], Sums]:
    """The lines of a quote that are due once and count, and what they come to under its discount."""
    lines = [line for line in _all_lines(quote) if is_item(line)]
    sums = invoice_sums(
        lines,
        treatment=quote.treatment,
        discount_percent=quote.discount_percent,
        discount_amount=quote.discount_amount,
    )
    return lines, sums


# --- Parts of them

_WRITTEN = (
    "kind", "label", "description", "quantity", "unit", "unit_price", "discount_percent", "vat_rate", "offer",
)  # fmt: skip


def _all_lines(quote: Quote) -> list[dict[str, Any]]:
    """Items that are due once and count, with the sections and texts between them."""
    found = []
    for line in quote.lines.order_by("position", "id"):
        if line.is_item and (not line.counts or line.period != QuoteLine.Period.ONCE):
            continue
        values = {name: getattr(line, name) for name in _WRITTEN if name != "offer"}
        found.append(
            {**values, "pk": line.pk, "kind": str(line.kind), "unit": str(line.unit), "offer": line.offer_id}
        )
    return found


def _draft_of(quote: Quote, kind: str, parties: Mapping[str, Any] | None = None) -> Invoice:
    given = {name: getattr(quote, name) for name in COPIED if hasattr(quote, name)}
    return Invoice(kind=kind, quote=quote, **{**given, **(parties or {})})


def _row(label: str, amount: Decimal, rate: Decimal, description: str = "") -> dict[str, Any]:
    """A line of so much; what takes away does so by its quantity, since no price may be negative."""
    return {
        "kind": str(DocumentLine.Kind.ITEM),
        "label": label[:200],
        "description": description,
        "quantity": Decimal(1 if amount >= 0 else -1),
        "unit": str(DocumentLine.Unit.FLAT),
        "unit_price": abs(amount),
        "discount_percent": Decimal(0),
        "vat_rate": rate,
        "offer": None,
    }


def _done(net: Decimal, percent: Decimal) -> Decimal:
    return to_cent(net * percent / HUNDRED)


def _check_progress(line: Mapping[str, Any], done: Decimal, was: Decimal) -> None:
    if not was <= done <= HUNDRED:
        text = _("“%(line)s”: give a percentage from %(was)s to 100.")
        raise ValidationError(text % {"line": line["label"], "was": f"{was.normalize():f}"})


def _check_left(quote: Quote, net: Decimal) -> None:
    left = left_of(quote)
    if net > left:
        text = _("%(left)s € is left to invoice of “%(quote)s”, not %(amount)s €.")
        raise ValidationError(text % {"left": left, "quote": quote, "amount": net})


def _rate_of(line: Mapping[str, Any], treatment: str) -> Decimal:
    taxed = treatment == Document.Treatment.STANDARD
    return Decimal(line["vat_rate"]).quantize(Decimal("0.01")) if taxed else Decimal("0.00")


def _discount_rows(
    lines: Sequence[dict[str, Any]],
    sums: Sums,
    after: Mapping[int, Decimal],
    before: Mapping[int, Decimal],
    treatment: str,
) -> list[dict[str, Any]]:
    """The quote's discount on what is done, as a line for each rate."""
    rows = []
    for rate in sums.rates:
        if not rate.discount or not rate.lines:
            continue
        mine = [line for line in lines if _rate_of(line, treatment) == rate.rate]
        taken = _share(rate, mine, after) - _share(rate, mine, before)
        if taken:
            rows.append(_row(_("Discount of the quote"), -taken, mine[0]["vat_rate"]))
    return rows


def _share(rate: RateSums, lines: Sequence[dict[str, Any]], progress: Mapping[int, Decimal]) -> Decimal:
    """What of a rate's discount belongs to what is done of its lines."""
    done = sum((_done(line_net(line), progress.get(line["pk"], NOUGHT)) for line in lines), NOUGHT)
    return to_cent(rate.discount * done / rate.lines)


def _deduction_rows(invoice: Invoice) -> list[dict[str, Any]]:
    """What a deposit or interim invoice billed, taken off rate by rate."""
    day = date_format(invoice.issued_on, "SHORT_DATE_FORMAT") if invoice.issued_on else ""
    words = (
        _("Deposit invoice %(number)s of %(day)s")
        if invoice.kind == Invoice.Kind.DEPOSIT
        else _("Interim invoice %(number)s of %(day)s")
    )
    label = words % {"number": invoice.number, "day": day}
    return [
        {**_row(label, -base, rate), "deducts": invoice.pk}
        for rate, base in sorted(deductible(invoice).items())
        if base
    ]
