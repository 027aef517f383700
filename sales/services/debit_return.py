"""Direct debits that come back: by hand, or out of a file of the bank. What they had paid is owed again."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.audit import record
from sales.models import Debit, DebitBatch, Mandate
from sales.services.closing import check_open
from sales.services.debit_answers import Answer, read_answers
from sales.services.debit_reasons import reason_text, stops_mandate
from sales.services.mandate import revoke_mandate
from sales.services.payment import return_payment
from sales.services.settlement import hold_invoices


@transaction.atomic
def return_debit(*, user: Any, debit: Debit, on: date, reason: str) -> Debit:
    """The bank gave it back on a day, for a reason (AM04, MD01 …): the invoice is owed and may be debited
    again; a mandate that the reason stops (closed account, no mandate) is revoked.

    Raises PermissionDenied without the grant; ValidationError for one that was not sent or is back already,
    for a day to come or whose books are closed.
    """
    if user is not None and not user.can(DebitBatch.module, "change"):
        raise PermissionDenied
    hold_invoices([debit.invoice_id])
    held = Debit.objects.select_for_update().get(pk=debit.pk)
    batch = DebitBatch.objects.select_related("agency").defer("content").get(pk=held.batch_id)
    if held.status == Debit.Status.RETURNED:
        raise ValidationError(_("“%(debit)s” is returned already.") % {"debit": held})
    if held.status == Debit.Status.REMOVED or batch.is_open:
        raise ValidationError(_("“%(debit)s” was not sent to the bank.") % {"debit": held})
    if on > timezone.localdate():
        raise ValidationError({"on": _("This day is to come.")})
    check_open(batch.agency, on, "on")
    held.status, held.live_key = Debit.Status.RETURNED, None
    held.returned_on, held.reason = on, reason
    held.save(update_fields=["status", "live_key", "returned_on", "reason"])
    if held.payment is not None:
        return_payment(user=user, payment=held.payment, returned_on=on, reason=reason_text(reason))
    data = {"added": [held.reference], "remark": reason_text(reason)}
    record(user=user, action="debit_returned", obj=batch, data=data, also=(held.invoice,))
    mandate = Mandate.objects.get(pk=held.mandate_id)
    if stops_mandate(reason) and mandate.is_active:
        revoke_mandate(user=user, mandate=mandate, reason=reason_text(reason), on=on)
    debit.__dict__.update(held.__dict__)
    return debit


@dataclass
class Report:
    """What a file of the bank came to."""

    returned: list[Debit] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def take_answers(*, user: Any, content: bytes, today: date | None = None) -> Report:
    """Record all that came back by a file of the bank; each in a transaction of its own.

    Read twice, it changes nothing the second time. Raises PermissionDenied, and ValidationError for a file
    that cannot be read.
    """
    if user is not None and not user.can(DebitBatch.module, "change"):
        raise PermissionDenied
    today = today or timezone.localdate()
    report = Report()
    for answer in read_answers(content):
        found = list(_debits_of(answer))
        if not found:
            report.unknown.append(answer.reference or answer.message)
        for debit in found:
            _take(user, debit, answer, today, report)
    return report


def _debits_of(answer: Answer) -> Any:
    debits = Debit.objects.select_related("invoice", "batch").defer("batch__content", "invoice__facts")
    if answer.reference:
        return debits.filter(reference=answer.reference)
    planned = Debit.Status.PLANNED
    return debits.filter(batch__reference=answer.message, status=planned) if answer.message else debits.none()


def _take(user: Any, debit: Debit, answer: Answer, today: date, report: Report) -> None:
    if debit.status == Debit.Status.RETURNED:
        report.known.append(debit.reference)
        return
    if answer.amount is not None and answer.amount != debit.amount:
        text = _("%(debit)s: the amounts differ.") % {"debit": debit}
        report.refused.append(text)
        return
    try:
        return_debit(user=user, debit=debit, on=answer.on or today, reason=answer.reason)
    except ValidationError as error:
        report.refused.append(_("%(who)s: %(value)s") % {"who": debit, "value": " ".join(error.messages)})
    else:
        report.returned.append(debit)
