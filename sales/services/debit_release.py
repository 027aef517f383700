"""A payment that a direct debit had brought is undone: its invoice may be collected anew."""

from datetime import date
from typing import Any

from digiweb.audit import record
from sales.models import Debit, DebitBatch, Payment


def release_debits(*, user: Any, payment: Payment, on: date, reason: str) -> None:
    """Mark the collection of this payment as returned, whoever took the payment back and where: on its page,
    by a line of the bank. In the caller's transaction; nothing where debit_return.py has done so.
    """
    collected = Debit.objects.select_for_update().filter(payment=payment, status=Debit.Status.COLLECTED)
    for debit in list(collected.select_related("invoice")):
        debit.status, debit.live_key, debit.returned_on = Debit.Status.RETURNED, None, on
        debit.save(update_fields=["status", "live_key", "returned_on"])
        batch = DebitBatch.objects.select_related("agency").defer("content").get(pk=debit.batch_id)
        data = {"added": [debit.reference], "remark": reason}
        record(user=user, action="debit_returned", obj=batch, data=data, also=(debit.invoice,))
