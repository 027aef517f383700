"""What tests of reminders need: overdue invoices, stages as they ship, money that comes in."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from people.models import User
from sales.models import Invoice, Payment, PaymentMatch, Reminder, ReminderPlan
from sales.services.reminder_letter import keep_letter
from sales.services.reminder_plan import replan
from sales.services.settlement import refresh_settlement
from tests.sales.invoices import issued

D = Decimal


def owed(user: User | None, *, due: date | None = None, late: int = 0, **values: Any) -> Invoice:
    """An invoice issued on its due day, `late` days ago or on `due`."""
    day = due or timezone.localdate() - timedelta(days=late)
    on = min(day, timezone.localdate())
    return issued(user, on=on, due_on=day, **values)


def plan_of(invoice: Invoice) -> ReminderPlan:
    return ReminderPlan.objects.get(invoice=invoice)


def make_plan(user: User | None, late: int = 2, **values: Any) -> ReminderPlan:
    """A reminder to come, of an invoice of `user`."""
    return plan_of(owed(user, late=late, **values))


def make_reminder(user: User | None, letter: bytes = b"", **values: Any) -> Reminder:
    """A reminder that was sent, with a letter where its content is given."""
    plan = make_plan(user, **values)
    stage = plan.stage
    assert stage is not None
    made = Reminder.objects.create(
        invoice=plan.invoice,
        stage=stage,
        stage_name=stage.name,
        days=stage.days,
        state=Reminder.State.SENT,
        claimed_on=timezone.localdate(),
        to="compta@lefevre.test",
        subject="Facture",
        body="Bonjour",
        balance=plan.balance,
        sent_at=timezone.now(),
    )
    if letter:
        keep_letter(made, letter, timezone.localdate())
        made.save()
    replan([plan.invoice_id])
    return made


def paid(invoice: Invoice, amount: Any = None, on: date | None = None, method: str = "transfer") -> Payment:
    """Money that came in for an invoice, as the bank tells it."""
    value = D(str(amount)) if amount is not None else invoice.gross
    payment = Payment.objects.create(
        agency=invoice.agency,
        client=invoice.client,
        received_on=on or timezone.localdate(),
        amount=value,
        matched=value,
        method=method,
    )
    PaymentMatch.objects.create(payment=payment, invoice=invoice, amount=value)
    settled(invoice)
    return payment


def settled(invoice: Invoice) -> None:
    """Have the settlement follow; until a source of payments is registered, by the matches."""
    from sales.services import settlement

    if settlement._payments:
        refresh_settlement([invoice.pk])
    else:
        settlement.register_payments(_matched)
        try:
            refresh_settlement([invoice.pk])
        finally:
            settlement._payments.remove(_matched)
    invoice.refresh_from_db()


def _matched(pks: list[int]) -> dict[int, tuple[Decimal, date]]:
    found: dict[int, tuple[Decimal, date]] = {}
    for match in PaymentMatch.objects.filter(invoice__in=pks).select_related("payment"):
        amount, day = found.get(match.invoice_id, (D(0), match.payment.received_on))
        sum_ = amount + match.amount * match.payment.sign
        found[match.invoice_id] = (sum_, max(day, match.payment.received_on))
    return found
