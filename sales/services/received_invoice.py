"""Verbs of received invoices: approved, refused, paid, changed, deleted. Intake: received_intake.py."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Count, F, QuerySet, Sum, When
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.changes import change_record
from sales.models import ReceivedInvoice
from timeline.services.bin import move_to_bin

Status = ReceivedInvoice.Status
# No more are added up for a list: beyond, the page says so.
SUM_LIMIT = 10_000


def _locked(pks: Sequence[int]) -> list[ReceivedInvoice]:
    return list(ReceivedInvoice.objects.select_for_update().filter(pk__in=pks).order_by("pk"))


def _decide(user: Any, invoice: ReceivedInvoice, action: str, **values: Any) -> None:
    decided = {"decided_by": user, "decided_at": timezone.now(), **values}
    unlogged = ("decided_by", "decided_at")
    change_record(
        user=user, obj=invoice, values=decided, also=invoice.also_on, action=action, unlogged=unlogged
    )


@transaction.atomic
def approve_invoices(*, user: Any, pks: Sequence[int]) -> int:
    """Approve what nobody has decided on yet, or was refused; returns how many. Others are passed over."""
    done = 0
    for invoice in _locked(pks):
        if invoice.status in (*ReceivedInvoice.UNDECIDED, Status.REFUSED):
            _decide(user, invoice, "received_approved", status=Status.APPROVED, refusal="")
            done += 1
    return done


@transaction.atomic
def refuse_invoice(*, user: Any, invoice: ReceivedInvoice, reason: str) -> ReceivedInvoice:
    """Refuse an invoice that is not paid; the supplier is owed the reason.

    Raises ValidationError for one that is paid, or without a reason.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise ValidationError({"reason": _("Say why: the supplier will ask.")})
    (current,) = _locked([invoice.pk])
    if current.status == Status.PAID:
        raise ValidationError(_("This invoice is paid: it cannot be refused any more."), code="paid")
    _decide(user, current, "received_refused", status=Status.REFUSED, refusal=reason[:300])
    return current


@transaction.atomic
def pay_invoices(*, user: Any, pks: Sequence[int], on: date) -> int:
    """Note that approved invoices were paid on a day, which is not to come; returns how many.

    Those that are not approved are passed over. Raises ValidationError for a day to come.
    """
    if on > timezone.localdate():
        raise ValidationError({"paid_on": _("This day is still to come.")})
    done = 0
    for invoice in _locked(pks):
        if invoice.status == Status.APPROVED:
            values = {"status": Status.PAID, "paid_on": on}
            change_record(user=user, obj=invoice, values=values, also=invoice.also_on, action="received_paid")
            done += 1
    return done


@transaction.atomic
def reopen_invoice(*, user: Any, receivedinvoice: ReceivedInvoice) -> ReceivedInvoice:
    """Take the last step back: paid becomes approved, approved or refused becomes undecided.

    Raises ValidationError where there is no step to take back.
    """
    (current,) = _locked([receivedinvoice.pk])
    if current.status in ReceivedInvoice.UNDECIDED:
        raise ValidationError(_("Nothing has been decided on this invoice yet."), code="undecided")
    if current.status == Status.PAID:
        values: dict[str, Any] = {"status": Status.APPROVED, "paid_on": None}
    else:
        asked = current.rules != ReceivedInvoice.Rules.UNASKED
        undecided = Status.CHECKED if asked else Status.RECEIVED
        values = {"status": undecided, "refusal": "", "decided_by": None, "decided_at": None}
    change_record(
        user=user,
        obj=current,
        values=values,
        also=current.also_on,
        action="received_reopened",
        unlogged=("decided_by", "decided_at"),
    )
    return current


@transaction.atomic
def change_received(
    *, user: Any, invoice: ReceivedInvoice, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change what is ours: the company it is of, the note. Raises StaleVersion."""
    return change_record(user=user, obj=invoice, values=values, version=version, also=invoice.also_on)


@transaction.atomic
def delete_received(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move received invoices to the bin as one batch.

    Raises ValidationError for one that is approved or paid: it is a piece of the accounts, kept for ten years
    (article L123-22 of the Code de commerce).
    """
    invoices = _locked(pks)
    for invoice in invoices:
        if invoice.status in (Status.APPROVED, Status.PAID):
            text = _("“%(invoice)s” is approved or paid: the accounts need it for ten years.")
            raise ValidationError(text, params={"invoice": invoice}, code="kept")
    return move_to_bin(user=user, objs=invoices, batch=batch)


class Sums(NamedTuple):
    """Received invoices of a list, in euros: how many, what they come to, what is still to be paid."""

    number: int
    net: Any
    vat: Any
    gross: Any
    open: Any
    capped: bool


def sums_of(invoices: QuerySet, limit: int = SUM_LIMIT) -> Sums:
    """The sums of filtered invoices in euros, of at most `limit` of them, in one query."""
    few = invoices.filter(currency="EUR").order_by().values("pk", "net", "vat", "gross", "due", "status")
    waits = Sum(Case(When(status__in=ReceivedInvoice.OPEN, then=F("due"))))
    found = few[: limit + 1].aggregate(
        number=Count("pk"), net=Sum("net"), vat=Sum("vat"), gross=Sum("gross"), open=waits
    )
    number = found.pop("number")
    return Sums(
        number=min(number, limit),
        capped=number > limit,
        **{name: value or 0 for name, value in found.items()},
    )
