"""Credit notes: what undoes an issued invoice, as a whole or in part (CGI, article 272; L. 441-9)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from sales.amounts import NOUGHT, to_cent
from sales.models import Invoice
from sales.models.document import DocumentLine
from sales.services.invoice import AROUND, create_invoice
from sales.services.invoice_credit_left import left_by_line
from sales.services.invoice_issue import issue_invoice
from sales.services.invoice_sums import as_values, is_item

# What a credit note has of its invoice. It has no due date: it is set against what is owed, or paid back.
COPIED = (
    "agency", "client", "company", "contact", "owner", "deal", "language", "treatment", "payment_method",
    "delivery", "contract", "subscription", "order_reference",
)  # fmt: skip


@transaction.atomic
def create_credit_note(
    *, user: Any, invoice: Invoice, amounts: Mapping[int, Decimal] | None = None, reason: str = ""
) -> Invoice:
    """A draft credit note of an issued invoice.

    `amounts` says how much of which line ({its number: euros before tax}); None takes all that is left.
    Raises ValidationError for a draft, for a credit note, where nothing is left, and for more than is left
    of a line.
    """
    held = Invoice.objects.select_for_update().get(pk=invoice.pk)
    prefetch_related_objects([held], *AROUND)
    if held.is_draft or held.is_credit_note:
        raise ValidationError(_("Only an issued invoice is corrected by a credit note."))
    left = left_by_line(held)
    if not any(left.values()):
        raise ValidationError(_("“%(invoice)s” is credited as a whole already.") % {"invoice": held})
    lines = as_values(held.lines.order_by("position", "id"))
    numbers = list(held.lines.order_by("position", "id").values_list("pk", flat=True))
    untouched = not held.credit_notes.filter(status=Invoice.Status.ISSUED).exists()
    note = Invoice(
        kind=Invoice.Kind.CREDIT_NOTE, corrects=held, **{name: getattr(held, name) for name in COPIED}
    )
    if amounts is None and untouched:
        # Exactly what it was, discounts included: the VAT is the same to the cent.
        note.discount_percent, note.discount_amount = held.discount_percent, held.discount_amount
        credited = [_whole(line, number) for line, number in zip(lines, numbers, strict=True)]
    else:
        wanted = left if amounts is None else _checked(amounts, left, lines, numbers)
        credited = [
            _part(line, number, wanted[number])
            for line, number in zip(lines, numbers, strict=True)
            if is_item(line) and wanted.get(number)
        ]
    if not any(is_item(line) for line in credited):
        raise ValidationError(_("Say how much of which line is credited."))
    with override(held.language):
        day = date_format(held.issued_on, "SHORT_DATE_FORMAT") if held.issued_on else ""
        subject = _("Credit note on the invoice %(number)s of %(day)s") % {"number": held.number, "day": day}
    note.subject, note.introduction = subject[:200], reason.strip()
    return create_invoice(user=user, invoice=note, lines=credited)


@transaction.atomic
def cancel_invoice(*, user: Any, invoice: Invoice, reason: str) -> Invoice:
    """Undo what is left of an invoice by a credit note that is issued at once; returns the credit note.

    Raises as `create_credit_note` and `issue_invoice` do, and ValidationError without a reason.
    """
    if not reason.strip():
        raise ValidationError(
            {"reason": _("Say why the invoice is cancelled: it stands on the credit note.")}
        )
    note = create_credit_note(user=user, invoice=invoice, reason=reason)
    return issue_invoice(user=user, invoice=note)


def _checked(
    amounts: Mapping[int, Decimal],
    left: Mapping[int, Decimal],
    lines: list[dict[str, Any]],
    numbers: list[int],
) -> dict[int, Decimal]:
    """The amounts asked for, in cents. Raises ValidationError for a line of another invoice and for too
    much.
    """
    found = {}
    labels = dict(zip(numbers, (line["label"] for line in lines), strict=True))
    for number, amount in amounts.items():
        most = left.get(number)
        if most is None:
            raise ValidationError(_("This line is not of this invoice."))
        cents = to_cent(amount)
        if not (NOUGHT <= cents <= most if most >= 0 else most <= cents <= NOUGHT):
            raise ValidationError(
                _("“%(line)s”: %(most)s € is left to credit.") % {"line": labels[number], "most": most}
            )
        found[number] = cents
    return found


def _whole(line: dict[str, Any], number: int) -> dict[str, Any]:
    credited = number if is_item(line) else None
    return {**line, "quote_line": None, "progress": None, "deducts": None, "credits": credited}


def _part(line: dict[str, Any], number: int, amount: Decimal) -> dict[str, Any]:
    """A line of so much; what was negative stays so by its quantity, since no price may be."""
    return {
        **_whole(line, number),
        "quantity": Decimal(1 if amount >= 0 else -1),
        "unit": str(DocumentLine.Unit.FLAT),
        "unit_price": abs(amount),
        "discount_percent": Decimal(0),
    }
