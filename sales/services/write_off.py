"""What of an invoice is given up: written off, and taken back when it was a mistake or is paid after all."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.templatetags.digiweb import money
from sales.models import Invoice, WriteOff
from sales.services.books import book
from sales.services.closing import check_open
from sales.services.invoice import also_of
from sales.services.lettering import group_of
from sales.services.payment_rules import check_cents, check_day, in_sight, records_for
from sales.services.settlement import hold_invoices, refresh_settlement


@transaction.atomic
def write_off(
    *,
    user: Any,
    invoice: Invoice,
    amount: Decimal,
    on: date,
    reason: str,
    note: str = "",
    today: date | None = None,
) -> WriteOff:
    """Give up `amount` euros of what is left to pay of an issued invoice, dated `on`, for one of
    `WriteOff.Reason`; `today` is for the demo.

    Raises ValidationError for a draft, a credit note, an amount that is none or above the balance, a day to
    come or before the invoice, and one whose books are closed; PermissionDenied for the invoice of a
    salesperson for whom `user` may not record payments.
    """
    if reason not in WriteOff.Reason.values:
        raise ValidationError({"reason": _("Say why it is given up.")})
    if len(note.strip()) > 300:
        raise ValidationError({"note": _("At most 300 characters.")})
    held = _hold(user, invoice, on, today)
    cents = check_cents(amount, str(held))
    if cents > held.balance:
        text = _("Only %(balance)s of “%(invoice)s” are left to pay.")
        raise ValidationError({"amount": text % {"balance": money(held.balance), "invoice": held}})
    made = WriteOff.objects.create(
        invoice=held, amount=cents, written_on=on, reason=reason, note=note.strip(), written_by=user
    )
    _tell(user, made, "written_off", [None, _words(made)])
    invoice.refresh_from_db()
    return made


@transaction.atomic
def undo_write_off(*, user: Any, given_up: WriteOff, on: date | None = None) -> WriteOff:
    """Take a write-off back, dated `on` (today): what it gave up is owed again; returns the row that does it.

    Raises ValidationError for one that was taken back already, for a day before it or to come, and one whose
    books are closed; PermissionDenied as `write_off`.
    """
    on = on or timezone.localdate()
    held = _hold(user, given_up.invoice, on)
    if given_up.undoes_id is not None or WriteOff.objects.filter(undoes=given_up).exists():
        raise ValidationError(_("This write-off was taken back already."))
    if on < given_up.written_on:
        raise ValidationError({"on": _("This is before the write-off itself.")})
    made = WriteOff.objects.create(
        invoice=held, amount=given_up.amount, written_on=on, reason=given_up.reason, undoes=given_up,
        written_by=user,
    )  # fmt: skip
    _tell(user, made, "write_off_undone", [_words(made), None])
    return made


def _words(made: WriteOff) -> str:
    return _("%(who)s: %(value)s") % {"who": money(made.amount), "value": made.get_reason_display()}


def _hold(user: Any, invoice: Invoice, on: date, today: date | None = None) -> Invoice:
    in_sight(user, [invoice.pk])
    held = hold_invoices(group_of(invoices=[invoice.pk]).invoices)[invoice.pk]
    if not records_for(user, held.owner_id):
        raise PermissionDenied
    if held.is_draft or held.is_credit_note:
        raise ValidationError(_("Only what is owed of an issued invoice is written off."))
    check_day(on, "on", today)
    if held.issued_on is not None and on < held.issued_on:
        raise ValidationError({"on": _("This is before the invoice itself.")})
    check_open(held.agency, on, "on")
    return held


def _tell(user: Any, made: WriteOff, action: str, change: list[Any]) -> None:
    invoice = made.invoice
    refresh_settlement([invoice.pk])
    book(invoices=[invoice.pk])
    # Again, now that the books are held: a closing may have come in between.
    check_open(invoice.agency, made.written_on, "on")
    changes = {"write_offs": change}
    if made.note:
        changes["note"] = [None, made.note]
    record(user=user, action=action, obj=invoice, changes=changes, also=also_of(invoice))
