"""Issued invoices that leave by e-mail: a job for each address, the PDF attached, a link below."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.jobs import JobError, TryAgain, enqueue, function_at
from digiweb.mail import MailRefused, MailServerDown, send
from digiweb.templatetags.digiweb import money
from sales.models import Invoice, InvoiceMessage
from sales.services.invoice import AROUND, also_of
from sales.services.invoice_link import link_of

# Recipients of one sending.
MOST_RECIPIENTS = 10
# A message that no job has taken so long is asked for again.
WAITS = timedelta(minutes=5)


def pdf_name(invoice: Invoice) -> str:
    """What the file is called where it arrives."""
    return f"{invoice.number}.pdf"


@transaction.atomic
def send_invoice(
    *, user: Any, invoice: Invoice, to: Sequence[str], subject: str, body: str
) -> list[InvoiceMessage]:
    """Send an issued invoice to addresses; each is a message of its own. Raises ValidationError for a
    draft.
    """
    held = Invoice.objects.select_for_update().get(pk=invoice.pk)
    prefetch_related_objects([held], *AROUND)
    if held.is_draft:
        raise ValidationError(_("A draft is not sent: issue it first."))
    addresses = list(dict.fromkeys(to))
    if not 0 < len(addresses) <= MOST_RECIPIENTS:
        raise ValidationError(_("At most %(most)s addresses at once.") % {"most": MOST_RECIPIENTS})
    record(user=user, action="sent", obj=held, data={"added": addresses}, also=also_of(held))
    if held.sent_at is None:
        held.sent_at = timezone.now()
        held.save(update_fields=["sent_at", "updated_at"])
    invoice.__dict__.update(held.__dict__)
    return [_ask(held, each, subject, body, user) for each in addresses]


def proposed_message(invoice: Invoice) -> dict[str, str]:
    """Recipient, subject and body as they usually are, in the invoice's language; people change them."""
    buyer = (invoice.facts or {}).get("buyer", {})
    name = invoice.contact.full_name if invoice.contact is not None else buyer.get("name", "")
    with translation.override(invoice.language):
        about = {
            "name": name,
            "number": invoice.number,
            "subject": invoice.subject,
            "amount": money(invoice.gross),
            "day": date_format(invoice.due_on, "DATE_FORMAT") if invoice.due_on else "",
            "seller": invoice.owner.full_name,
            "agency": str(invoice.agency),
        }
        if invoice.is_credit_note:
            subject = _("Credit note %(number)s") % about
            body = _(
                "Hello %(name)s,\n\nplease find attached our credit note %(number)s of %(amount)s.\n\n"
                "Kind regards,\n%(seller)s\n%(agency)s"
            )
        else:
            subject = _("Invoice %(number)s – %(subject)s") % about
            body = _(
                "Hello %(name)s,\n\nplease find attached our invoice %(number)s of %(amount)s, due on "
                "%(day)s.\n\n"
                "Kind regards,\n%(seller)s\n%(agency)s"
            )
        return {"to": buyer.get("email", ""), "subject": subject[:200], "body": body % about}


def _ask(invoice: Invoice, to: str, subject: str, body: str, user: Any) -> InvoiceMessage:
    message = InvoiceMessage.objects.create(
        invoice=invoice, to=to, subject=subject[:200], body=body[:4000], sender=user
    )
    _enqueue(message)
    return message


def _enqueue(message: InvoiceMessage) -> None:
    enqueue(
        function_at("sales.jobs.send_invoice_message"),
        user=message.sender,
        label=_("Message with invoice %(invoice)s") % {"invoice": message.invoice},
        key=f"invoice-message-{message.pk}",
        url=message.invoice.get_absolute_url(),
        message_id=message.pk,
    )


def deliver_message(pk: int) -> None:
    """Send one, unless it was sent; its row is held while the server takes it, so that no two send it.

    Raises JobError where the server refuses the address, TryAgain where it does not answer.
    """
    with transaction.atomic():
        waiting = InvoiceMessage.objects.select_for_update().filter(pk=pk, state=InvoiceMessage.State.WAITING)
        message = waiting.first()
        if message is None:
            return
        try:
            _send(message)
        except MailServerDown as error:
            text = _("The mail server does not answer; the message is tried again by itself.")
            raise TryAgain(text) from error
        except MailRefused as error:
            message.state, message.error = InvoiceMessage.State.REFUSED, str(error)[:300]
            data = {"added": [message.to], "remark": message.error}
            record(user=None, action="message_refused", obj=message.invoice, data=data)
        else:
            message.state, message.sent_at = InvoiceMessage.State.SENT, timezone.now()
        message.save(update_fields=["state", "error", "sent_at"])
    if message.state == InvoiceMessage.State.REFUSED:
        raise JobError(_("The address was refused: %(answer)s") % {"answer": message.error})


def _send(message: InvoiceMessage) -> None:
    invoice = message.invoice
    sender = message.sender or invoice.owner
    with default_storage.open(str(invoice.seal.pdf.name)) as file:
        content = file.read()
    send(
        "sales/invoice",
        to=message.to,
        language=invoice.language,
        context={
            "agency_name": str(invoice.agency),
            "message": message,
            "invoice": invoice,
            "seller": sender,
            "action_url": link_of(invoice),
        },
        reply_to=sender.email,
        attachments=[(pdf_name(invoice), content, "application/pdf")],
        sender=str(invoice.agency),
        key=f"invoice-message-{message.pk}",
    )


def send_waiting() -> int:
    """Ask again for messages that no job has taken or that the server did not take; returns how many."""
    old = InvoiceMessage.objects.filter(
        state=InvoiceMessage.State.WAITING, created_at__lt=timezone.now() - WAITS
    )
    waiting = list(old.select_related("invoice", "sender").order_by("pk")[:500])
    for message in waiting:
        _enqueue(message)
    return len(waiting)
