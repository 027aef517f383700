"""Which reminder of an invoice comes next, and when: worked out of the invoice and what went out already.

`replan` is called whenever something changes (settlements, disputes, pauses, reminders, stages) and once a
night for all; nothing else writes `ReminderPlan`. The rules:

- Only what is owed is reminded of: issued, not all paid, credited or given up.
- A stage leaves on its day, or on the first working day after it; before the due date until then only.
- Of several stages that are due, the latest leaves, and earlier ones never again.
- A formal notice is never the first word that a client hears.
- Where one left late, the next keeps some distance.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from sales.models import (
    Invoice,
    InvoiceMessage,
    PaymentMatch,
    Reminder,
    ReminderPause,
    ReminderPlan,
    ReminderStage,
)
from sales.models.document import NO_DAY
from sales.services.settlement import hold_invoices
from sales.working_days import DAY, working_day

State = ReminderPlan.State
# Days between two reminders, where the stages themselves are as far from each other.
GAP, GAP_BEFORE_NOTICE = 3, 7
BATCH = 500
FIELDS = ("state", "stage_id", "leaves_on", "balance", "due_on")


@dataclass(frozen=True)
class Told:
    """The last stage that left or was passed over: its days, and when."""

    days: int
    on: date


@dataclass(frozen=True)
class Next:
    """What comes next; without a stage nothing does."""

    state: str
    stage: Any = None
    leaves_on: date = NO_DAY


def is_owed(invoice: Invoice) -> bool:
    """Whether one may be reminded of it at all."""
    return (
        not invoice.is_draft
        and not invoice.is_credit_note
        and invoice.due_on is not None
        and invoice.settlement in Invoice.UNPAID
        and invoice.balance > 0
    )


def next_stage(due: date, stages: Sequence[Any], told: Told | None, today: date) -> tuple[Any, date] | None:
    """(stage, day) of what leaves next; None when all is said. `stages` in the order of their days."""
    known = [each for each in stages if each.is_active]
    left = [each for each in known if told is None or each.days > told.days]
    if told is None or told.days <= 0:
        softer = [each for each in known if each.days > 0 and not each.is_formal]
        if softer:
            left = [each for each in left if not each.is_formal]
    timed = [(each, day) for each in left if (day := day_of(each, due, told, today)) is not None]
    due_now = [pair for pair in timed if pair[1] <= today]
    if due_now:
        return due_now[-1]
    return min(timed, key=lambda pair: (pair[1], pair[0].days), default=None)


def day_of(stage: Any, due: date, told: Told | None, today: date) -> date | None:
    """The working day on which a stage leaves; None where it came too late to be said before the due date."""
    day = working_day(due + timedelta(days=stage.days))
    if told is not None:
        gap = min(stage.days - told.days, GAP_BEFORE_NOTICE if stage.is_formal else GAP)
        day = max(day, working_day(told.on + timedelta(days=gap)))
    if stage.days <= 0 and (day > due or today > due):
        return None
    return day


def next_of(
    invoice: Invoice,
    stages: Sequence[Any],
    *,
    told: Told | None,
    paused_until: date | None,
    is_stuck: bool,
    is_collected: bool,
    today: date,
) -> Next:
    """What becomes of an invoice that is owed."""
    if invoice.due_on is None or invoice.disputed:
        return Next(State.DISPUTED)
    if is_collected:
        return Next(State.DEBIT)
    first = today
    if paused_until is not None and paused_until >= today:
        # What is due when the pause ends is what leaves then.
        first = working_day(paused_until + DAY)
    found = next_stage(invoice.due_on, stages, told, first)
    if found is None:
        return Next(State.DONE)
    stage, day = found
    if first != today:
        return Next(State.PAUSED, stage, max(day, first))
    return Next(State.STUCK if is_stuck else State.PLANNED, stage, day)


@transaction.atomic
def replan(pks: Iterable[int], today: date | None = None) -> list[ReminderPlan]:
    """Work out the plans of these invoices; returns those that are owed, in the order of the invoices.

    Holds the invoices. An invoice that is owed no more loses its plan, and its pause with it.
    """
    today = today or timezone.localdate()
    held = hold_invoices(pks)
    owed = [invoice for invoice in held.values() if is_owed(invoice)]
    gone = set(held) - {invoice.pk for invoice in owed}
    ReminderPlan.objects.filter(invoice__in=gone).delete()
    if not owed:
        return []
    prefetch_related_objects(owed, "company", "contact")
    around = _Around(owed)
    known = {plan.invoice_id: plan for plan in ReminderPlan.objects.filter(invoice__in=owed)}
    plans: list[ReminderPlan] = []
    new: list[ReminderPlan] = []
    changed: list[ReminderPlan] = []
    for invoice in owed:
        plan = known.get(invoice.pk) or ReminderPlan()
        plan.invoice = invoice
        found = next_of(
            invoice,
            around.stages_of(invoice.agency_id),
            told=around.told.get(invoice.pk),
            paused_until=around.paused_until(invoice, plan),
            is_stuck=around.is_stuck(invoice),
            is_collected=around.is_collected(invoice),
            today=today,
        )
        before = [getattr(plan, name) for name in FIELDS]
        plan.state, plan.stage, plan.leaves_on = found.state, found.stage, found.leaves_on
        plan.balance, plan.due_on = invoice.balance, invoice.due_on or NO_DAY
        if plan.pk is None:
            new.append(plan)
        elif before != [getattr(plan, name) for name in FIELDS]:
            plan.updated_at = timezone.now()
            changed.append(plan)
        plans.append(plan)
    if new:
        ReminderPlan.objects.bulk_create(new)
        made = {plan.invoice_id: plan for plan in ReminderPlan.objects.filter(invoice__in=new_ids(new))}
        for plan in new:
            plan.pk = made[plan.invoice_id].pk
    if changed:
        ReminderPlan.objects.bulk_update(changed, [*(n.removesuffix("_id") for n in FIELDS), "updated_at"])
    return plans


def new_ids(plans: Iterable[ReminderPlan]) -> list[int]:
    """The invoices of plans."""
    return [plan.invoice_id for plan in plans]


def recipient_of(invoice: Invoice) -> str:
    """Where reminders go: where the invoice was sent to, else to the person, the firm; "" for nowhere."""
    return _Around([invoice]).recipient(invoice)


class _Around:
    """What stands around some invoices and says what comes next, read in a few statements."""

    def __init__(self, invoices: Sequence[Invoice]) -> None:
        pks = [invoice.pk for invoice in invoices]
        self._stages: dict[int, list[ReminderStage]] = {}
        self.told: dict[int, Told] = {}
        self.refused: dict[int, str] = {}
        for one in (
            Reminder.objects.filter(invoice__in=pks)
            .order_by("days")
            .only("invoice_id", "days", "claimed_on", "state", "to")
        ):
            self.told[one.invoice_id] = Told(one.days, one.claimed_on)
            if one.state == Reminder.State.REFUSED:
                self.refused[one.invoice_id] = one.to
            else:
                self.refused.pop(one.invoice_id, None)
        clients = {invoice.client_id for invoice in invoices if invoice.client_id}
        self.pauses: dict[int, date] = {}
        for pause in ReminderPause.objects.filter(client__in=clients) if clients else ():
            self.pauses[pause.client_id] = max(self.pauses.get(pause.client_id, pause.until), pause.until)
        sent = InvoiceMessage.objects.filter(invoice__in=pks, state=InvoiceMessage.State.SENT)
        self.sent_to = dict(sent.order_by("pk").values_list("invoice_id", "to"))
        debits = [invoice.pk for invoice in invoices if invoice.payment_method == "debit"]
        matches = PaymentMatch.objects.filter(invoice__in=debits)
        self.tried = set(matches.values_list("invoice_id", flat=True)) if debits else set()

    def stages_of(self, agency_id: int) -> list[ReminderStage]:
        if agency_id not in self._stages:
            columns = ("days", "is_formal", "is_active", "name", "agency_id")
            self._stages[agency_id] = list(ReminderStage.objects.of(agency_id).only(*columns))
        return self._stages[agency_id]

    def paused_until(self, invoice: Invoice, plan: ReminderPlan) -> date | None:
        days = [plan.paused_until, self.pauses.get(invoice.client_id or 0)]
        return max((day for day in days if day is not None), default=None)

    def recipient(self, invoice: Invoice) -> str:
        choices = (
            self.sent_to.get(invoice.pk, ""),
            invoice.contact.email if invoice.contact is not None else "",
            invoice.company.email if invoice.company is not None else "",
            (invoice.facts or {}).get("buyer", {}).get("email", ""),
        )
        refused = self.refused.get(invoice.pk, "")
        return next((each for each in choices if each and each != refused), "")

    def is_stuck(self, invoice: Invoice) -> bool:
        return not self.recipient(invoice)

    def is_collected(self, invoice: Invoice) -> bool:
        """By direct debit, and the bank did not take it back yet: nobody is asked for what we collect."""
        return invoice.payment_method == "debit" and invoice.pk not in self.tried


def replan_all(progress: Any = None) -> int:
    """Work out all plans anew, by night and after stages changed; returns how many invoices are owed."""
    last = count = 0
    while True:
        unpaid = Invoice.objects.filter(settlement__in=Invoice.UNPAID, pk__gt=last).order_by("pk")
        planned = ReminderPlan.objects.filter(invoice__gt=last).order_by("invoice_id")
        pks = sorted(
            {
                *unpaid.values_list("pk", flat=True)[:BATCH],
                *planned.values_list("invoice_id", flat=True)[:BATCH],
            }
        )[:BATCH]
        if not pks:
            return count
        with transaction.atomic():
            count += len(replan(pks))
            if progress is not None:
                progress.set(count, count)
        last = pks[-1]
