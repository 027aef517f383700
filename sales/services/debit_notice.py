"""Telling debtors before money is taken (EPC rulebooks: 14 days before, unless agreed otherwise)."""

from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.jobs import JobError, TryAgain, enqueue, function_at
from digiweb.mail import MailRefused, MailServerDown, send
from sales.models import Debit, DebitBatch

ALIVE = (DebitBatch.Status.DRAFT, DebitBatch.Status.APPROVED, DebitBatch.Status.SENT)


def ask_to_announce(debit: Debit, user: Any, *, announced: bool = False) -> None:
    """Have the debtor told by e-mail, once; marks one without an address, and one who was told already."""
    invoice = debit.invoice
    facts = (invoice.facts or {}).get("buyer", {})
    debit.notice_to = facts.get("email") or getattr(invoice.addressee, "email", "") or ""
    debit.notice = Debit.Notice.WAITING if debit.notice_to else Debit.Notice.NONE
    if announced and debit.notice_to:
        debit.notice = Debit.Notice.SENT
    debit.save(update_fields=["notice_to", "notice"])
    if debit.notice == Debit.Notice.WAITING:
        _enqueue(debit, user)


def _enqueue(debit: Debit, user: Any = None) -> None:
    enqueue(
        function_at("sales.jobs.announce_debit"),
        user=user,
        label=_("Announcement of a direct debit"),
        key=f"debit-notice-{debit.pk}",
        url=debit.batch.get_absolute_url(),
        debit_id=debit.pk,
    )


def announce(pk: int) -> None:
    """Send one announcement, unless it was sent or its batch was given up; its row is held meanwhile.

    Raises JobError where the server refuses the address, TryAgain where it does not answer.
    """
    with transaction.atomic():
        waiting = Debit.objects.select_for_update().filter(pk=pk, notice=Debit.Notice.WAITING)
        debit = waiting.first()
        if debit is None:
            return
        prefetch_related_objects([debit], "batch__agency", "invoice__owner", "mandate__account")
        if debit.status != Debit.Status.PLANNED or debit.batch.status not in ALIVE:
            debit.notice = Debit.Notice.NONE
            debit.save(update_fields=["notice"])
            return
        try:
            _send(debit)
        except MailServerDown as error:
            text = _("The mail server does not answer; the message is tried again by itself.")
            raise TryAgain(text) from error
        except MailRefused as error:
            debit.notice, debit.notice_error = Debit.Notice.REFUSED, str(error)[:300]
        else:
            debit.notice, debit.announced_at = Debit.Notice.SENT, timezone.now()
            data = {"added": [debit.notice_to], "remark": debit.batch.reference}
            record(user=None, action="debit_announced", obj=debit.invoice, data=data)
        debit.save(update_fields=["notice", "notice_error", "announced_at"])
    if debit.notice == Debit.Notice.REFUSED:
        raise JobError(_("The address was refused: %(answer)s") % {"answer": debit.notice_error})


def _send(debit: Debit) -> None:
    invoice, agency = debit.invoice, debit.batch.agency
    send(
        "sales/debit",
        to=debit.notice_to,
        language=invoice.language,
        context={
            "agency": agency,
            "debit": debit,
            "invoice": invoice,
            "mandate": debit.mandate,
            "account": debit.mandate.account.masked,
            "collect_on": debit.batch.collect_on,
            "seller": invoice.owner,
        },
        reply_to=agency.email or invoice.owner.email,
        sender=str(agency),
        key=f"debit-{debit.pk}",
    )


def announce_waiting() -> int:
    """Ask again for announcements that the mail server did not take; returns how many."""
    waiting = Debit.objects.filter(
        notice=Debit.Notice.WAITING, status=Debit.Status.PLANNED, batch__status__in=ALIVE
    )
    found = list(waiting.select_related("batch").defer("batch__content").order_by("pk")[:500])
    for debit in found:
        _enqueue(debit)
    return len(found)
