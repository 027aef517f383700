"""What the page of a quote shows beside its facts: its life, and what stands around it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sales.models import Invoice, Quote

SHOWN = 6


def life_of(quote: Quote) -> list[dict[str, Any]]:
    """Created, sent, opened, answered, invoiced: the steps in their order, each with its moment or none."""
    answered = {
        Quote.Status.ACCEPTED: (pgettext("quote", "Accepted"), "circle-check"),
        Quote.Status.REFUSED: (pgettext("quote", "Refused"), "circle-x"),
        Quote.Status.REPLACED: (pgettext("quote", "Replaced"), "versions"),
    }
    label, icon = answered.get(Quote.Status(quote.status), (_("Answer"), "message-question"))
    if quote.status_label == Quote.Status.EXPIRED.label:
        label, icon = pgettext("quote", "Expired"), "calendar-off"
    invoiced = first_invoiced(quote)
    return [
        {"label": pgettext("quote", "Created"), "icon": "file-plus", "at": quote.created_at},
        {"label": pgettext("quote", "Sent"), "icon": "send", "at": quote.sent_at},
        {"label": pgettext("quote", "Opened"), "icon": "eye", "at": quote.opened_at},
        {"label": label, "icon": icon, "at": quote.answered_at, "by": quote.answer_name},
        {"label": pgettext("quote", "Invoiced"), "icon": "file-invoice", "at": invoiced},
    ]


def first_invoiced(quote: Quote) -> Any:
    """The day of the first invoice that was issued of it; None before."""
    if quote.status != Quote.Status.ACCEPTED:
        return None
    issued = Invoice.objects.filter(quote=quote, issued_on__isnull=False).order_by("issued_on")
    return issued.values_list("issued_on", flat=True).first()


def neighbours_of(user: Any, quote: Quote) -> list[dict[str, Any]]:
    """What hangs together with it, as far as `user` sees it: contract and invoices."""
    found = []
    if quote.contract is not None and user.can("sales.contract", "view", quote.contract):
        contract = quote.contract
        found.append(
            {
                "kind": _("Contract"),
                "label": str(contract),
                "url": contract.get_absolute_url(),
                "word": contract.status_label,
                "amount": contract.amount,
            }
        )
    if quote.status == Quote.Status.ACCEPTED and user.can("sales.invoice", "view"):
        for invoice in Invoice.objects.visible_to(user).filter(quote=quote).order_by("pk")[:SHOWN]:
            found.append(
                {
                    "kind": str(invoice.get_kind_display()),
                    "label": str(invoice),
                    "url": invoice_address(invoice),
                    "word": invoice.status_label,
                    "amount": invoice.gross,
                }
            )
    return found


def invoice_address(invoice: Invoice) -> str:
    """Where an invoice is seen."""
    return invoice.get_absolute_url()
