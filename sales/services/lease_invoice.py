"""The invoice of a lease: the lessor (LOCAM) buys what the quote says, delivered to the client."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from sales.models import Contract, Invoice, Lease, Quote
from sales.services.invoice_links import deductible
from sales.services.invoice_progress import create_final_draft
from sales.services.lease import lease_terms

# From the delivery report on the lessor pays.
INVOICED_FROM = (Lease.Status.DELIVERED, Lease.Status.FINANCED)


@transaction.atomic
def draft_from_lease(*, user: Any, quote: Quote) -> Invoice:
    """A draft invoice of the quote's lines to the lessor, with the client's company as place of delivery.

    While the delivery report is the last step, its day is the day of the service (CGI, ann. II, art. 242
    nonies A, I-10°); the lessor's file number stands where a buyer's order number does (BT-13).

    Raises ValidationError before the delivery report is signed, without a signed contract of ours, where the
    rules do not name the lessor's company, where a draft waits already, where deposits were invoiced to the
    client, and where nothing is left to invoice.
    """
    held = Quote.objects.select_for_update().get(pk=quote.pk)
    lease = Lease.objects.filter(quote=held).first()
    if lease is None or lease.status not in INVOICED_FROM:
        raise ValidationError(_("The lessor is invoiced once the delivery report is signed."))
    if held.contract is None or held.contract.signed_on is None:
        raise ValidationError(_("Our own contract is signed first."))
    lessor = lease_terms().company
    if lessor is None:
        raise ValidationError(
            _("The rules of leases do not say which company the lessor is: an administrator adds it there.")
        )
    mine = Invoice.objects.filter(quote=held)
    draft = mine.filter(status=Invoice.Status.DRAFT, company=lessor).first()
    if draft is not None:
        raise ValidationError(_("“%(invoice)s” is there already.") % {"invoice": draft})
    _check_deposits(held)
    parties = {
        "company": lessor,
        "contact": None,
        "delivery": held.company,
        "delivered_on": lease.status_on if lease.status == Lease.Status.DELIVERED else None,
        "order_reference": lease.reference or held.order_reference,
        "treatment": "",
        "payment_method": Contract.PaymentMethod.LEASE,
    }
    return create_final_draft(user=user, quote=held, parties=parties)


def _check_deposits(quote: Quote) -> None:
    """What the client paid beforehand is not the lessor's to take off."""
    before = Invoice.objects.filter(
        quote=quote,
        status=Invoice.Status.ISSUED,
        kind__in=(Invoice.Kind.DEPOSIT, Invoice.Kind.INTERIM),
    )
    for invoice in before.order_by("pk"):
        if any(deductible(invoice).values()):
            text = _("“%(invoice)s” was made out to the client: credit it first, the lessor pays the whole.")
            raise ValidationError(text % {"invoice": invoice})


def lessor_invoices(user: Any, quote: Quote) -> list[Invoice]:
    """The invoices of the lease that `user` sees: those of the quote that are delivered elsewhere."""
    mine = Invoice.objects.visible_to(user).filter(quote=quote, delivery__isnull=False)
    return list(mine.select_related("company").order_by("pk")[:6])
