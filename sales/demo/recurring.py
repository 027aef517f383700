"""Recurring invoices and direct debits of the demo: plans and mandates of some subscriptions, a batch that
was collected, of which one came back, and one that is being prepared.

Made by the services, dated as the story goes. No draw is taken: the rest of the story stays as it is.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from digiweb.changes import initial_values
from digiweb.demo import Demo
from sales.models import (
    Agency,
    BankAccount,
    BillingPlan,
    Debit,
    DebitBatch,
    Invoice,
    Mandate,
    Payment,
    Subscription,
)
from sales.services.billing_plan import create_plan
from sales.services.debit import approve_batch, collect_batch, create_batch, mark_sent
from sales.services.debit_return import return_debit
from sales.services.mandate import create_mandate
from sales.services.target_days import target_day
from timeline.models import Event, EventLink

# When the invoices of the story were made, in days before its end; the first of them are collected.
MONTHS = (70, 40, 10)
PAID_AFTER, RETURNED_AFTER = 35, 4


def plan_of(demo: Demo, subscription: Subscription, agency: Agency) -> BillingPlan:
    """How a subscription is invoiced, by debit where it can be; what was before counts as invoiced."""
    first = (demo.end - timedelta(days=MONTHS[0])).date().replace(day=1)
    start = min(subscription.started_on or first, first)
    at = demo.end - timedelta(days=MONTHS[0] + 8, hours=-10)
    marker = _marker()
    mandate = _mandate(demo, subscription, agency, at)
    plan = BillingPlan(
        subscription=subscription,
        agency=agency,
        starts_on=start,
        billed_until=first - timedelta(days=1) if first > start else None,
        payment_method="debit" if mandate is not None else "transfer",
    )
    create_plan(user=None, plan=plan)
    _forget(marker)
    _date(plan, at)
    demo.happened(at, demo.people["admin"], "created", plan, also=(subscription, subscription.client))
    return plan


def _mandate(demo: Demo, subscription: Subscription, agency: Agency, at: datetime) -> Mandate | None:
    client = subscription.client
    known = Mandate.objects.filter(client=client, agency=agency).first()
    if known is not None:
        return known
    account = BankAccount.objects.filter(client=client, status=BankAccount.Status.ACTIVE).first()
    if account is None:
        return None
    mandate = create_mandate(
        user=None,
        mandate=Mandate(
            client=client, agency=agency, account=account, signed_on=(at - timedelta(days=1)).date()
        ),
    )
    _date(mandate, at)
    changes = initial_values(mandate)
    demo.happened(at, client.owner, "created", mandate, changes=changes, also=(client,))
    return mandate


def build_debits(demo: Demo) -> None:
    """What was collected, what came back, what is being prepared."""
    mine = Invoice.objects.filter(
        once_key__startswith="plan-", payment_method="debit", status=Invoice.Status.ISSUED
    )
    months: list[list[Invoice]] = [[] for _month in MONTHS]
    for invoice in mine.select_related("agency").order_by("issued_on", "pk"):
        age = (demo.end.date() - invoice.issued_on).days if invoice.issued_on else 0
        months[min(range(len(MONTHS)), key=lambda place: abs(MONTHS[place] - age))].append(invoice)
    if not (months[0] and months[1]):
        return
    day = target_day((demo.end - timedelta(days=PAID_AFTER)).date())
    batch = _batch(demo, months[0], day, day - timedelta(days=17))
    _collect(demo, batch, day)
    back = batch.debits.order_by("pk").last()
    if back is not None:
        _return(demo, back, day + timedelta(days=RETURNED_AFTER))
    _batch(
        demo,
        months[1],
        target_day((demo.end + timedelta(days=16)).date()),
        demo.end.date() - timedelta(days=1),
    )


def _batch(demo: Demo, invoices: Sequence[Invoice], day: date, made: date) -> DebitBatch:
    marker, at = _marker(), demo.at(made, time(10, 12))
    batch = create_batch(
        user=None,
        agency=invoices[0].agency,
        scheme="CORE",
        collect_on=day,
        invoices=[invoice.pk for invoice in invoices],
        today=made,
        announced=True,
    )
    _forget(marker)
    _date(batch, at)
    batch.debits.filter(notice=Debit.Notice.SENT).update(announced_at=at + timedelta(minutes=3))
    demo.happened(at, demo.people["admin"], "created", batch)
    demo.counts["prélèvements"] = demo.counts.get("prélèvements", 0) + batch.count
    return batch


def _collect(demo: Demo, batch: DebitBatch, day: date) -> None:
    marker, admin = _marker(), demo.people["admin"]
    approved = demo.at(day - timedelta(days=4), time(9, 40))
    approve_batch(user=None, batch=batch, today=approved.date())
    mark_sent(user=None, batch=batch)
    collect_batch(user=None, batch=batch, on=day)
    sent, paid = approved + timedelta(minutes=25), demo.at(day, time(15, 5))
    _forget(marker)
    values = {"approved_by": admin, "approved_at": approved, "sent_at": sent, "updated_at": paid}
    DebitBatch.objects.filter(pk=batch.pk).update(**values)
    for at, action in (
        (approved, "approved_debits"),
        (sent, "debits_sent"),
        (paid, "debits_collected"),
    ):
        demo.happened(at, admin, action, batch)
    for payment in Payment.objects.filter(debits__batch=batch):
        _date(payment, paid)
        also = tuple(debit.invoice for debit in payment.debits.select_related("invoice"))
        demo.happened(paid, admin, "created", payment, also=also)


def _return(demo: Demo, debit: Debit, day: date) -> None:
    marker, at = _marker(), demo.at(day, time(11, 30))
    return_debit(user=None, debit=debit, on=day, reason="AM04")
    _forget(marker)
    for payment in Payment.objects.filter(undoes__debits=debit):
        _date(payment, at)
        demo.happened(at, demo.people["admin"], "created", payment, also=(debit.invoice,))
    data = {"added": [debit.reference], "remark": "AM04"}
    demo.happened(at, demo.people["admin"], "debit_returned", debit.batch, data=data, also=(debit.invoice,))


def _marker() -> int:
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _forget(marker: int) -> None:
    """The events that say now; they are told at their moments."""
    mine = list(Event.objects.filter(pk__gt=marker).values_list("pk", flat=True))
    EventLink.objects.filter(event__in=mine).delete()
    Event.objects.filter(pk__in=mine).delete()


def _date(record: Any, at: datetime) -> None:
    type(record)._default_manager.filter(pk=record.pk).update(created_at=at, updated_at=at)
    record.created_at = record.updated_at = at
