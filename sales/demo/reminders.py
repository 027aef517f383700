"""Reminders of the demo: what went out for invoices that are overdue, one that is paused, one disputed.

They leave as the clock would have sent them, day by day; only the last letters are drawn.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from digiweb.demo import Demo
from digiweb.demo.draw import Draw
from sales.models import Invoice, Reminder, ReminderPlan, ReminderStage
from sales.services.invoice import also_of
from sales.services.reminder_letter import keep_letter, letter_pdf
from sales.services.reminder_plan import Told, is_owed, next_stage, recipient_of, replan
from sales.services.reminder_words import words_of
from sales.working_days import is_working

SEED = 20261127
# Letters take their time to draw: the other notices were passed over by their salesperson.
LETTERS = 4
DISPUTE = "Le client conteste la livraison : deux pages manquent, selon lui."
PAUSE = "Échéancier convenu au téléphone."
BEFORE = timedelta(days=10)


def build_reminders(demo: Demo) -> None:
    """What is owed at the end of the story, and what was said about it."""
    unpaid = Invoice.objects.filter(settlement__in=Invoice.UNPAID).order_by("due_key", "pk")
    around = ("agency", "company", "contact", "client", "owner", "deal")
    owed = [invoice for invoice in unpaid.select_related(*around) if is_owed(invoice)]
    late = [invoice for invoice in owed if invoice.due_on and invoice.due_on < demo.today]
    # The oldest is disputed.
    disputed = late[:1]
    story = _Story(demo)
    # What the bank collects is not asked for.
    replan([invoice.pk for invoice in owed], demo.today)
    debits = ReminderPlan.objects.filter(state=ReminderPlan.State.DEBIT)
    collected = set(debits.values_list("invoice_id", flat=True))
    for invoice in owed:
        if invoice.pk in collected:
            continue
        until = demo.today - timedelta(days=1)
        if invoice in disputed and invoice.due_on:
            until = min(until, invoice.due_on + timedelta(days=9))
        story.tell(invoice, until)
    for invoice in disputed:
        story.dispute(invoice)
    replan([invoice.pk for invoice in owed], demo.today)
    # One that is late was put off.
    late_ones = ReminderPlan.objects.filter(state=ReminderPlan.State.PLANNED, due_on__lt=demo.today)
    for plan in late_ones.select_related("invoice").order_by("due_on", "pk")[:1]:
        story.pause(plan.invoice)
    ReminderPlan.objects.update(created_at=demo.end, updated_at=demo.end)


class _Story:
    def __init__(self, demo: Demo) -> None:
        self.demo, self.draw = demo, Draw(SEED)
        self.letters = 0
        self.stages: dict[int, list[ReminderStage]] = {}

    def stages_of(self, agency_id: int) -> list[ReminderStage]:
        if agency_id not in self.stages:
            self.stages[agency_id] = list(ReminderStage.objects.of(agency_id))
        return self.stages[agency_id]

    def tell(self, invoice: Invoice, until: date) -> None:
        """Each working day from the issue to `until`: what was due left."""
        due, issued = invoice.due_on, invoice.issued_on
        if due is None or issued is None:
            return
        told: Told | None = None
        day = max(issued + timedelta(days=1), due - BEFORE)
        rows = []
        while day <= until:
            found = next_stage(due, self.stages_of(invoice.agency_id), told, day) if is_working(day) else None
            if found is not None and found[1] <= day:
                rows.append(self.row(invoice, found[0], day))
                told = Told(found[0].days, day)
            day += timedelta(days=1)
        self.demo.insert(rows)

    def row(self, invoice: Invoice, stage: ReminderStage, day: date) -> Reminder:
        at = self.demo.at(day, time(8, self.draw.between(30, 34), self.draw.between(0, 59)))
        skipped = stage.is_formal and self.letters >= LETTERS
        one = Reminder(
            pk=self.demo.number(Reminder),
            invoice=invoice,
            stage=stage,
            stage_name=stage.name,
            days=stage.days,
            is_formal=stage.is_formal,
            claimed_on=day,
            balance=invoice.balance,
            created_at=at,
            updated_at=at,
        )
        if skipped:
            one.state, one.asked_by = Reminder.State.SKIPPED, invoice.owner
            self.happened(at, invoice.owner, "reminder_skipped", invoice, remark=stage.name)
            return one
        words = words_of(invoice, stage, day, invoice.owner)
        one.state, one.sent_at, one.to = Reminder.State.SENT, at, recipient_of(invoice)
        one.subject, one.body = words.subject, words.body
        one.penalties, one.indemnity = words.charges.penalties, words.charges.indemnity
        if stage.is_formal:
            self.letters += 1
            keep_letter(one, letter_pdf(invoice, day, invoice.owner), day)
        self.happened(at, None, "reminded", invoice, added=[one.to], remark=stage.name)
        return one

    def dispute(self, invoice: Invoice) -> None:
        """The client wrote back; since then nothing leaves."""
        if invoice.due_on is None:
            return
        at = self.demo.at(min(invoice.due_on + BEFORE, self.demo.today - timedelta(days=1)), time(10, 42))
        Invoice.objects.filter(pk=invoice.pk).update(disputed=DISPUTE)
        changes: dict[str, list[Any]] = {"disputed": ["", DISPUTE]}
        self.demo.happened(at, invoice.owner, "disputed", invoice, changes=changes, also=also_of(invoice))

    def pause(self, invoice: Invoice) -> None:
        until = self.demo.today + timedelta(days=12)
        ReminderPlan.objects.filter(invoice=invoice).update(paused_until=until, pause_reason=PAUSE)
        replan([invoice.pk], self.demo.today)
        at = self.demo.at(self.demo.today - timedelta(days=1), time(16, 5))
        self.happened(at, invoice.owner, "reminders_paused", invoice, remark=f"{until.isoformat()} {PAUSE}")

    def happened(self, at: datetime, who: Any, action: str, invoice: Invoice, **data: Any) -> None:
        self.demo.happened(at, who, action, invoice, data=data, also=also_of(invoice))
