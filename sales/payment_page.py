"""What the pages of payments and of invoices show of each other."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sales.models import Invoice, Payment, PaymentMatch, WriteOff
from sales.services.payment_rules import records_for
from sales.tables.invoice import status_text

MODULE = "sales.payment"


def matches_of(user: Any, payment: Payment) -> list[dict[str, Any]]:
    """The invoices that a payment was set against, as far as `user` sees them."""
    rows = PaymentMatch.objects.filter(payment=payment).select_related("invoice__company", "invoice__contact")
    rows = rows.defer("invoice__facts", "invoice__terms", "invoice__introduction").order_by("pk")
    hidden = _("An invoice that you do not see")
    standing = payment.kind == Payment.Kind.RECEIPT and payment.undoes_id is None
    loose = standing and getattr(payment, "undone_by", None) is None and user.may("change", payment)
    found = []
    for match in rows:
        seen = user.can("sales.invoice", "view", match.invoice)
        found.append(
            {
                "label": str(match.invoice) if seen else hidden,
                "url": match.invoice.get_absolute_url() if seen else "",
                "word": status_text(match.invoice) if seen else "",
                "name": str(match.invoice.addressee or "") if seen else "",
                "amount": match.amount,
                "undo_url": (
                    reverse("sales:payment_unmatch", args=[payment.pk, match.invoice_id])
                    if loose and seen
                    else ""
                ),
            }
        )
    return found


def neighbours_of(user: Any, payment: Payment) -> list[dict[str, Any]]:
    """What undoes it, what it undoes, what was paid back of it."""
    found: list[dict[str, Any]] = []
    links = [
        (_("Undoes"), payment.undoes),
        (_("Undone by"), getattr(payment, "undone_by", None)),
        (_("Pays back a part of"), payment.refunds),
    ]
    links += [(_("Paid back"), each) for each in Payment.objects.filter(refunds=payment).order_by("pk")]
    for kind, other in links:
        if other is not None:
            seen = user.can(MODULE, "view", other)
            found.append(
                {
                    "kind": kind,
                    "label": str(other) if seen else _("A payment that you do not see"),
                    "url": other.get_absolute_url() if seen else "",
                    "word": str(other.status_label),
                    "day": other.received_on,
                    "amount": other.sign * other.amount,
                }
            )
    return found


def payments_of(user: Any, invoice: Invoice) -> dict[str, Any] | None:
    """What was paid and given up of an invoice; None where `user` sees no payments or nothing was."""
    if invoice.is_draft or not user.can(MODULE, "view"):
        return None
    rows = PaymentMatch.objects.filter(invoice=invoice).select_related("payment", "payment__undone_by")
    matched = list(rows.order_by("payment__received_on", "pk"))
    seen = {match.pk for match in matched if user.can(MODULE, "view", match.payment)}
    hidden = _("A payment that you do not see")
    payments = [
        {
            "label": str(match.payment) if match.pk in seen else hidden,
            "url": match.payment.get_absolute_url() if match.pk in seen else "",
            "word": str(match.payment.status_label),
            "day": match.payment.received_on,
            "undone": getattr(match.payment, "undone_by", None) is not None,
            "amount": match.payment.sign * match.amount,
        }
        for match in matched
    ]
    may = records_for(user, invoice.owner_id)
    write_offs = [
        {
            "label": (
                pgettext("write-off", "Taken back") if each.undoes_id else str(each.get_reason_display())
            ),
            "note": each.note,
            "day": each.written_on,
            "amount": each.sign * each.amount,
            "undo_url": (
                reverse("sales:write_off_undo", args=[invoice.pk, each.pk])
                if may and each.undoes_id is None and not hasattr(each, "undone_by")
                else ""
            ),
        }
        for each in WriteOff.objects.filter(invoice=invoice).select_related("undone_by").order_by("pk")
    ]
    if not payments and not write_offs and invoice.letter_id is None:
        return None
    return {"payments": payments, "write_offs": write_offs, "letter": invoice.letter}


def verbs_of(user: Any, invoice: Invoice) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(buttons, lines of the menu) of an issued invoice that money is awaited for or owed of."""
    if invoice.is_draft or invoice.balance <= 0 or not records_for(user, invoice.owner_id):
        return [], []
    if invoice.is_credit_note:
        url = reverse("sales:invoice_refund", args=[invoice.pk])
        return [{"label": _("Pay back"), "icon": "receipt-refund", "url": url, "drawer": True}], []
    pay = f"{reverse('sales:payment_new')}?invoice={invoice.pk}"
    off = reverse("sales:invoice_write_off", args=[invoice.pk])
    return (
        [{"label": _("Record a payment"), "icon": "cash", "url": pay, "drawer": True}],
        [{"label": _("Write off"), "icon": "eraser", "url": off, "drawer": True}],
    )
