"""Verbs of direct debits: prepared, approved, sent, collected, cancelled; debit_return.py does the rest.

Locks in one order: invoices, batch, mandates. An invoice is in one living collection at most:
`Debit.live_key` is unique, whoever prepares two batches at once.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.changes import change_record, create_record
from sales.models import Agency, Debit, DebitBatch, Invoice, Mandate
from sales.services.closing import check_open
from sales.services.debit_due import mandates_of, what_lacks, why_not
from sales.services.debit_file import sepa_text, write_file
from sales.services.debit_notice import ask_to_announce
from sales.services.payment import record_payment
from sales.services.settlement import hold_invoices
from sales.services.target_days import is_target_day, target_day

MODULE = DebitBatch.module
MOST = 1000
Status = DebitBatch.Status


@transaction.atomic
def create_batch(
    *,
    user: Any,
    agency: Agency,
    scheme: str,
    collect_on: date,
    invoices: Iterable[int],
    today: date | None = None,
    announced: bool = False,
) -> DebitBatch:
    """Prepare the collection of what is left to pay of these invoices on a day; debtors are told by e-mail,
    unless they were (`announced`). `today` is another day where the demo tells a year.

    Raises PermissionDenied without the grant, ValidationError for an agency without ICS or IBAN, a day on
    which banks do not work, that is too near for the notice or whose books are closed, and for invoices that
    cannot be debited (each with its reason).
    """
    _allow(user, "create")
    wanted = set(invoices)
    if not 0 < len(wanted) <= MOST:
        raise ValidationError(_("Choose between 1 and %(most)s invoices.") % {"most": MOST})
    told = what_lacks(agency)
    if told:
        raise ValidationError(told)
    if not is_target_day(collect_on):
        raise ValidationError({"collect_on": _("Banks do not work on this day.")})
    check_open(agency, collect_on, "collect_on")
    today = today or timezone.localdate()
    if collect_on <= today:
        raise ValidationError({"collect_on": _("The bank needs the file a day before: choose a later day.")})
    held = hold_invoices(wanted)
    found = _check_invoices(list(held.values()), agency, scheme, collect_on, today)
    reference = _reference(agency, today)
    batch = DebitBatch(agency=agency, scheme=scheme, collect_on=collect_on, reference=reference)
    create_record(user=user, obj=batch)
    _write(batch, [(held[pk], found[pk]) for pk in sorted(held)])
    _count(batch)
    for debit in batch.debits.select_related("invoice"):
        ask_to_announce(debit, user, announced=announced)
    return batch


@transaction.atomic
def remove_debit(*, user: Any, debit: Debit) -> None:
    """Take a collection out of a batch that is still prepared; nobody is told who was not told yet."""
    _allow(user, "change")
    batch = _hold(debit.batch_id)
    _expect(batch, (Status.DRAFT,))
    held = Debit.objects.select_for_update().get(pk=debit.pk)
    if held.status != Debit.Status.PLANNED:
        raise ValidationError(_("“%(debit)s” is not planned any more.") % {"debit": held})
    _drop([held])
    _count(batch)
    told = {"debits": [str(held.invoice), None]}
    record(user=user, action="changed", obj=batch, changes=told, also=(held.invoice,))


@transaction.atomic
def approve_batch(
    *, user: Any, batch: DebitBatch, version: int | None = None, today: date | None = None
) -> DebitBatch:
    """Approve a prepared batch: everything is looked at again, the file is written, checked and kept.

    Raises PermissionDenied without the grant, ValidationError with all that is not as it was: an invoice that
    was paid meanwhile, a mandate that was revoked.
    """
    _allow(user, "change")
    numbers = Debit.objects.filter(batch=batch, status=Debit.Status.PLANNED).values_list(
        "invoice_id", flat=True
    )
    hold_invoices(numbers)
    held = _hold(batch.pk)
    _expect(held, (Status.DRAFT,))
    debits = list(_planned(held).select_related("invoice", "mandate__account"))
    if not debits:
        raise ValidationError(_("There is nothing to collect in this batch."))
    told = what_lacks(held.agency)
    today = today or timezone.localdate()
    if held.collect_on <= today:
        told.append(_("The bank needs the file a day before: the day of this batch has come."))
    told += _problems(debits, today)
    if told:
        raise ValidationError(told)
    _set_sequences(debits)
    content = write_file(held, debits)
    values = {
        "status": Status.APPROVED,
        "content": content.decode(),
        "file_sha256": hashlib.sha256(content).hexdigest(),
        "approved_by": user,
        "approved_at": timezone.now(),
    }
    unlogged = ("content", "approved_by", "approved_at")
    change_record(
        user=user, obj=batch, values=values, version=version, action="approved_debits", unlogged=unlogged
    )
    return batch


def problems_of(batch: DebitBatch, today: date | None = None) -> list[str]:
    """What is not as it was when a batch was prepared, in words; nothing any more once the bank has it."""
    if not batch.is_open:
        return []
    debits = list(_planned(batch).select_related("invoice", "mandate__account").defer("invoice__facts"))
    return _problems(debits, today or timezone.localdate())


def read_file(*, user: Any, batch: DebitBatch) -> bytes:
    """The file for the bank, for whoever may change direct debits; each time is in the audit log.

    Raises ValidationError before it was sent where an invoice was paid or a mandate was revoked since the
    approval: nobody is debited without a mandate because the file had been written before.
    """
    _allow(user, "change")
    if not batch.content:
        raise ValidationError(_("There is no file yet: approve the batch first."))
    if told := problems_of(batch):
        raise ValidationError([*told, _("Cancel the batch and prepare it again.")])
    record(user=user, action="debit_file_read", obj=batch, data={"sha256": batch.file_sha256})
    return str(batch.content).encode()


@transaction.atomic
def mark_sent(*, user: Any, batch: DebitBatch) -> None:
    """The file was given to the bank. From now on its mandates count as used."""
    _allow(user, "change")
    held = _hold(batch.pk)
    _expect(held, (Status.APPROVED,))
    values = {"status": Status.SENT, "sent_at": timezone.now()}
    change_record(user=user, obj=batch, values=values, action="debits_sent", unlogged=("sent_at",))
    mandates = Mandate.objects.select_for_update().filter(debits__in=_planned(held)).order_by("pk").distinct()
    for mandate in list(Mandate.objects.select_for_update().filter(pk__in=[one.pk for one in mandates])):
        mandate.first_used_on = mandate.first_used_on or held.collect_on
        mandate.last_used_on = max(mandate.last_used_on or held.collect_on, held.collect_on)
        mandate.save(update_fields=["first_used_on", "last_used_on", "updated_at"])


@transaction.atomic
def collect_batch(*, user: Any, batch: DebitBatch, on: date | None = None) -> int:
    """The bank paid: a payment for each collection that stands; returns how many.

    What a client has paid otherwise meanwhile stays as their credit. Raises ValidationError for a day to come
    or whose books are closed.
    """
    _allow(user, "change")
    numbers = Debit.objects.filter(batch=batch, status=Debit.Status.PLANNED).values_list(
        "invoice_id", flat=True
    )
    invoices = hold_invoices(numbers)
    held = _hold(batch.pk)
    _expect(held, (Status.SENT,))
    day = on or held.collect_on
    if day > timezone.localdate():
        raise ValidationError({"on": _("The day of the collection has not come.")})
    debits = list(_planned(held).select_related("invoice__owner"))
    for debit in debits:
        invoice = invoices[debit.invoice_id]
        taken = min(debit.amount, invoice.balance)
        debit.payment = record_payment(
            user=None,
            by=user,
            agency=held.agency,
            client=debit.invoice.client,
            received_on=day,
            amount=debit.amount,
            method="debit",
            payer=str(debit.invoice.addressee or ""),
            owner=debit.invoice.owner,
            reference=debit.reference,
            matches={invoice.pk: taken} if taken > 0 else {},
        )
        debit.status = Debit.Status.COLLECTED
        debit.save(update_fields=["payment", "status"])
    values = {"status": Status.COLLECTED, "collected_on": day}
    change_record(user=user, obj=batch, values=values, action="debits_collected")
    return len(debits)


@transaction.atomic
def cancel_batch(*, user: Any, batch: DebitBatch) -> None:
    """Give up a batch that was not sent: its invoices may be debited by another one."""
    _allow(user, "change")
    held = _hold(batch.pk)
    _expect(held, DebitBatch.OPEN)
    _drop(list(Debit.objects.select_for_update().filter(batch=held, status=Debit.Status.PLANNED)))
    change_record(user=user, obj=batch, values={"status": Status.CANCELLED}, action="debits_cancelled")


# --- Parts of them


def _allow(user: Any, action: str) -> None:
    if user is not None and not user.can(MODULE, action):
        raise PermissionDenied


def _hold(pk: int) -> DebitBatch:
    DebitBatch.objects.select_for_update().only("pk").get(pk=pk)
    return DebitBatch.objects.select_related("agency").get(pk=pk)


def _expect(batch: DebitBatch, states: tuple[str, ...]) -> None:
    if batch.status not in states:
        text = _("“%(batch)s” is %(status)s: this cannot be done any more, or not yet.")
        raise ValidationError(text % {"batch": batch, "status": str(batch.status_label).lower()})


def _planned(batch: DebitBatch) -> Any:
    return Debit.objects.filter(batch=batch, status=Debit.Status.PLANNED).order_by("pk")


def _check_invoices(
    invoices: list[Invoice], agency: Agency, scheme: str, collect_on: date, today: date
) -> dict[int, Mandate]:
    mandates = mandates_of(invoices, today)
    told: list[str] = []
    found: dict[int, Mandate] = {}
    for invoice in invoices:
        mandate = mandates.get(invoice.pk)
        why = why_not(invoice, mandate)
        if not why and invoice.agency_id != agency.pk:
            why = _("It is an invoice of another agency.")
        if not why and mandate is not None and mandate.scheme != scheme:
            why = _("Its mandate is of another kind.")
        if not why and mandate is not None and collect_on < today + timedelta(days=mandate.notice_days):
            why = _("The debtor is told %(days)s days before: the first day is %(day)s.") % {
                "days": mandate.notice_days,
                "day": date_format(
                    target_day(today + timedelta(days=mandate.notice_days)), "SHORT_DATE_FORMAT"
                ),
            }
        if why or mandate is None:
            told.append(_("%(who)s: %(value)s") % {"who": invoice, "value": why})
        else:
            found[invoice.pk] = mandate
    if told:
        raise ValidationError(told)
    return found


def _write(batch: DebitBatch, pairs: list[tuple[Invoice, Mandate]]) -> None:
    for invoice, mandate in pairs:
        turn = Debit.objects.filter(invoice=invoice).count()
        name = sepa_text(str(invoice.number), 30).replace(" ", "-")
        try:
            with transaction.atomic():
                Debit.objects.create(
                    batch=batch,
                    invoice=invoice,
                    mandate=mandate,
                    amount=invoice.balance,
                    sequence=mandate.sequence,
                    reference=f"{name}-{turn + 1}" if turn else name,
                    live_key=invoice.pk,
                )
        except IntegrityError:
            text = _("“%(invoice)s” is in another batch already.")
            raise ValidationError(text % {"invoice": invoice}) from None


def _reference(agency: Agency, today: date) -> str:
    """« PRLV-DF-20261121-3 »: the agency, the day, which one of it."""
    start = f"PRLV-{agency.code}-{today:%Y%m%d}-"
    # The agency's row is the lock under which two at once get two references.
    Agency.objects.select_for_update().only("pk").get(pk=agency.pk)
    return f"{start}{DebitBatch.objects.filter(reference__startswith=start).count() + 1}"


def _count(batch: DebitBatch) -> None:
    amounts = list(_planned(batch).values_list("amount", flat=True))
    batch.count, batch.total = len(amounts), sum(amounts, start=batch.total * 0)
    batch.save(update_fields=["count", "total", "updated_at"])


def _drop(debits: list[Debit]) -> None:
    for debit in debits:
        debit.status, debit.live_key = Debit.Status.REMOVED, None
        if debit.notice == Debit.Notice.WAITING:
            debit.notice = Debit.Notice.NONE
        debit.save(update_fields=["status", "live_key", "notice"])


def _problems(debits: list[Debit], today: date) -> list[str]:
    """Why planned collections are not as they were when they were prepared."""
    usable = mandates_of([debit.invoice for debit in debits], today)
    return [text for debit in debits for text in _problem(debit, usable.get(debit.invoice_id))]


def _problem(debit: Debit, usable: Mandate | None) -> list[str]:
    invoice = debit.invoice
    if usable is None or usable.pk != debit.mandate_id:
        return [_("%(invoice)s: its mandate may not be used any more.") % {"invoice": invoice}]
    if invoice.disputed:
        return [_("%(invoice)s is disputed: take it out.") % {"invoice": invoice}]
    if invoice.balance < debit.amount:
        return [_("%(invoice)s was paid or credited meanwhile: take it out.") % {"invoice": invoice}]
    return []


def _set_sequences(debits: list[Debit]) -> None:
    """First or recurring, as the mandates are now; of two by a new mandate only one is the first."""
    seen: set[int] = set()
    for debit in debits:
        again = debit.mandate_id in seen and debit.mandate.sequence == "FRST"
        debit.sequence = "RCUR" if again else debit.mandate.sequence
        seen.add(debit.mandate_id)
        debit.save(update_fields=["sequence"])
