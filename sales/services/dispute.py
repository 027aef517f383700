"""Disputes: while a client contests an invoice, nobody is reminded of it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from digiweb.audit import record
from sales.models import Invoice
from sales.services.invoice import AROUND, also_of
from sales.services.reminder_plan import replan

LONGEST = 300


@transaction.atomic
def dispute_invoice(*, user: Any, invoice: Invoice, reason: str) -> Invoice:
    """Mark an issued invoice as disputed; reminders stop.

    Raises ValidationError without a reason, for a draft or a credit note, and for one that is disputed.
    """
    held = _hold(invoice)
    reason = " ".join(reason.split())[:LONGEST]
    if held.is_draft or held.is_credit_note:
        raise ValidationError(_("Only an issued invoice can be disputed."))
    if not reason:
        raise ValidationError({"reason": _("Say why it is disputed.")})
    if held.disputed:
        raise ValidationError(_("This invoice is disputed already."))
    return _keep(user, invoice, held, reason, "disputed")


@transaction.atomic
def settle_dispute(*, user: Any, invoice: Invoice) -> Invoice:
    """Close the dispute; reminders go on where they stood. Raises ValidationError where there is none."""
    held = _hold(invoice)
    if not held.disputed:
        raise ValidationError(_("This invoice is not disputed."))
    return _keep(user, invoice, held, "", "dispute_settled")


def _hold(invoice: Invoice) -> Invoice:
    held = Invoice.objects.select_for_update().get(pk=invoice.pk)
    prefetch_related_objects([held], *AROUND)
    return held


def _keep(user: Any, invoice: Invoice, held: Invoice, reason: str, action: str) -> Invoice:
    changes = {"disputed": [held.disputed, reason]}
    held.disputed = reason
    held.version += 1
    held.save(update_fields=["disputed", "version", "updated_at"])
    record(user=user, action=action, obj=held, changes=changes, also=also_of(held))
    replan([held.pk])
    invoice.disputed, invoice.version, invoice.updated_at = held.disputed, held.version, held.updated_at
    return invoice
