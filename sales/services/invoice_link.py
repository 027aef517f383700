"""The address under which a client opens an invoice. No table has it: it follows from the house's secret."""

import base64
import hmac

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from digiweb.audit import record
from sales.models import Invoice
from sales.services.invoice import also_of

SALT = "sales.invoice_link"
# The number, a dash, 32 bytes in base64 without the sign at the end.
LENGTH = 43


def token_of(invoice: Invoice) -> str:
    """What stands in the address of an issued invoice."""
    return f"{invoice.pk}-{_digest(invoice.pk)}"


def _digest(pk: int) -> str:
    digest = salted_hmac(SALT, str(pk), algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def link_of(invoice: Invoice) -> str:
    """The whole address; "" for a draft."""
    if invoice.is_draft:
        return ""
    return str(settings.SITE_URL) + reverse("invoice_public", args=[token_of(invoice)])


def invoice_by_token(token: str) -> Invoice | None:
    """The issued invoice of this address; None for any other."""
    number, _dash, digest = token.partition("-")
    if not (number.isascii() and number.isdigit()) or len(number) > 18 or len(digest) != LENGTH:
        return None
    if not digest.isascii() or not hmac.compare_digest(digest, _digest(int(number))):
        return None
    issued = Invoice.objects.filter(pk=int(number), status=Invoice.Status.ISSUED)
    return issued.select_related("seal", "agency", "company", "contact").first()


@transaction.atomic
def note_opening(invoice: Invoice) -> None:
    """The client opened it: the first time counts, and stands on the time line."""
    held = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if held.opened_at is None:
        held.opened_at = timezone.now()
        held.save(update_fields=["opened_at", "updated_at"])
        record(user=None, action="opened", obj=held, also=also_of(held))
