"""A draft as it would be printed: for the eye, kept nowhere."""

from typing import Any

from django.utils import timezone

from digiweb.pdf import About, write_pdf
from sales.services.invoice import sums_of_invoice
from sales.services.invoice_issue import facts_of, settle_days
from sales.services.invoice_paper import page_of
from sales.services.invoice_sums import as_values


def draft_pdf(invoice: Any) -> bytes:
    """The PDF of a draft as of today, which says that it is no invoice."""
    today = timezone.localdate()
    settle_days(invoice, today)
    lines = as_values(invoice.lines.order_by("position", "id"))
    agency = invoice.agency
    page = page_of(
        invoice,
        number="",
        on=today,
        lines=lines,
        sums=sums_of_invoice(invoice, lines),
        facts=facts_of(invoice, today),
        logo=agency.logo.name if agency.logo else "",
        colour=agency.colour,
    )
    return write_pdf(page, About(str(invoice), agency.name, timezone.now()))
