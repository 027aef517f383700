"""Invoices of the demo: deposits and balances of quotes, months of subscriptions, credit notes, drafts.

They are issued by the real path, in the order of their days: proven, numbered, drawn, sealed. That is what
takes the time, so the demo has some dozens of them.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from digiweb.demo import Demo
from digiweb.demo.draw import Draw
from sales.demo.leases import Told
from sales.demo.money import Money
from sales.demo.recurring import MONTHS, plan_of
from sales.models import Agency, BillingPlan, Invoice, Lease, Quote, Subscription
from sales.services.billing_plan import prepare_plan
from sales.services.invoice import also_of
from sales.services.invoice_credit import create_credit_note
from sales.services.invoice_issue import issue_at
from sales.services.invoice_progress import create_deposit_draft, create_final_draft
from sales.services.lease_invoice import draft_from_lease
from sales.working_days import working_day
from timeline.models import Event, EventLink

SEED = 20261125
# Quotes that were invoiced, subscriptions of which some months were, credit notes, drafts that wait.
QUOTES, SUBSCRIPTIONS, CREDITS, DRAFTS = 33, 6, 3, 4
REASONS = (
    "Adresse de facturation erronée : une nouvelle facture suit.",
    "Prestation facturée deux fois.",
    "Geste commercial après un retard de livraison.",
)
Step = tuple[datetime, int, Callable[[], Invoice | None]]


def build_invoices(
    demo: Demo, agencies: Sequence[Agency], quotes: Sequence[Quote], leases: Sequence[Told]
) -> None:
    """What was invoiced in the year, step by step in the order of time."""
    _Story(demo, agencies).tell(quotes, leases)


class _Story:
    def __init__(self, demo: Demo, agencies: Sequence[Agency]) -> None:
        self.demo, self.draw = demo, Draw(SEED)
        self.agencies = {agency.code: agency for agency in agencies}
        self.issued: list[Invoice] = []

    def tell(self, quotes: Sequence[Quote], leases: Sequence[Told]) -> None:
        accepted = [quote for quote in quotes if quote.answered_at and quote.status == Quote.Status.ACCEPTED]
        accepted = [quote for quote in accepted if quote.net > 0 and self.complete(quote)]
        steps: list[Step] = []
        # What is leased is invoiced to the lessor, once it is delivered.
        leased = {told.quote.pk: told for told in leases if told.lease.is_signed}
        accepted = [quote for quote in accepted if quote.pk not in leased]
        for quote in accepted[:: max(len(accepted) // QUOTES, 1)][:QUOTES]:
            steps += self.of_quote(quote)
        steps += [step for told in leases for step in self.of_lease(told)]
        steps += self.of_subscriptions()
        steps.sort(key=lambda step: step[:2])
        for at, _turn, make in steps:
            self.issue(at, make)
        # What is debited is collected by a file for the bank (sales/demo/recurring.py).
        transferred = [invoice for invoice in self.issued if invoice.payment_method != "debit"]
        of_clients = [invoice for invoice in transferred if invoice.quote_id not in leased]
        chosen = of_clients[4 :: max(len(of_clients) // CREDITS, 1)][:CREDITS]
        money = Money(self.demo, {pk: told.day_of(Lease.Status.FINANCED) for pk, told in leased.items()})
        money.pay(transferred, credited=chosen)
        before = len(self.issued)
        for invoice, reason in zip(chosen, REASONS, strict=False):
            self.issue(self.demo.end - timedelta(hours=20), lambda i=invoice, r=reason: _credit(i, r))  # type: ignore[misc]
        money.end(self.issued[before:])
        for quote in accepted[-DRAFTS:]:
            draft = create_final_draft(user=None, quote=quote)
            self.date(draft, self.demo.end - timedelta(days=self.draw.between(1, 6), hours=-10))
            self.told(draft)

    def complete(self, quote: Quote) -> bool:
        """Whether the law lets one invoice this buyer."""
        firm = quote.company
        return bool(firm and firm.siren and firm.address and firm.postcode and firm.city)

    def of_quote(self, quote: Quote) -> list[Step]:
        """A deposit at once where one was agreed, the rest when the work is done."""
        steps: list[Step] = []
        if quote.answered_at is None:
            return steps
        at = self.hours(quote.answered_at + timedelta(days=1))
        if quote.deposit_percent:
            steps.append((at, quote.pk, lambda: create_deposit_draft(user=None, quote=quote)))
        done = self.hours(at + timedelta(days=self.draw.between(25, 60)))
        steps.append((done, quote.pk, lambda: create_final_draft(user=None, quote=quote)))
        return [step for step in steps if step[0] < self.demo.end - timedelta(days=1)]

    def of_lease(self, told: Told) -> list[Step]:
        """The whole to the lessor, on the day after the delivery report."""
        day = told.day_of(Lease.Status.DELIVERED)
        if day is None:
            return []
        at = self.hours(self.demo.at(working_day(day + timedelta(days=1)), time(0, 0)))
        step = (at, told.quote.pk, lambda: self.to_lessor(told.quote, day))
        return [step] if at < self.demo.end - timedelta(hours=20) else []

    def to_lessor(self, quote: Quote, day: date) -> Invoice:
        """The draft as it was made when the delivery report was the last step."""
        draft = draft_from_lease(user=None, quote=quote)
        draft.delivered_on = day
        Invoice.objects.filter(pk=draft.pk).update(delivered_on=day)
        return draft

    def of_subscriptions(self) -> list[Step]:
        """The last three months of some subscriptions."""
        active = Subscription.objects.filter(
            status=Subscription.Status.ACTIVE, started_on__lt=self.demo.end.date() - timedelta(days=120)
        ).select_related("client__company", "client__contact", "client__owner", "offer")
        chosen = [
            each
            for each in active.order_by("pk")
            if each.client.owner
            and each.client.company
            and each.client.company.siren
            and each.client.company.address
        ][:SUBSCRIPTIONS]
        steps: list[Step] = []
        agency = next(iter(self.agencies.values()))
        for subscription in chosen:
            plan = plan_of(self.demo, subscription, agency)
            for back in MONTHS:
                at = self.hours(self.demo.end - timedelta(days=back))
                steps.append((at, subscription.pk, lambda one=plan, day=at: self.month(one, day)))  # type: ignore[misc]
        return steps

    def month(self, plan: BillingPlan, at: datetime) -> Invoice | None:
        """The invoice of the month; one alone, whatever else is due."""
        made = prepare_plan(user=None, plan=plan, until=at.date())
        BillingPlan.objects.filter(pk=plan.pk).update(updated_at=at)
        return made[0] if made else None

    def hours(self, at: datetime) -> datetime:
        """The same day, while the accountant is there."""
        return self.demo.at(at.date(), time(self.draw.between(9, 17), self.draw.between(0, 59)))

    def issue(self, at: datetime, make: Callable[[], Invoice | None]) -> None:
        draft = make()
        if draft is None:
            return
        self.date(draft, at - timedelta(hours=1))
        admin = self.demo.people["admin"]
        invoice = issue_at(at, user=admin, invoice=draft)
        sent = at + timedelta(minutes=self.draw.between(5, 90))
        opened = sent + timedelta(hours=self.draw.between(1, 40)) if self.draw.chance(0.7) else None
        living: dict[str, Any] = {"sent_at": sent}
        if opened is not None and opened < self.demo.end:
            living["opened_at"] = opened
        Invoice.objects.filter(pk=invoice.pk).update(**living)
        for name, value in living.items():
            setattr(invoice, name, value)
        self.issued.append(invoice)
        self.demo.counts["factures"] = self.demo.counts.get("factures", 0) + 1
        self.told(invoice)

    def date(self, draft: Invoice, at: datetime) -> None:
        """When it was written; once it is issued, that is fixed."""
        Invoice.objects.filter(pk=draft.pk).update(created_at=at)
        draft.created_at = at

    def told(self, invoice: Invoice) -> None:
        """Its events at their moments, in place of those that say now."""
        mine = Event.objects.filter(subject_type="sales.invoice", subject_id=invoice.pk)
        EventLink.objects.filter(event__in=list(mine.values_list("pk", flat=True))).delete()
        mine.delete()
        admin, also = self.demo.people["admin"], also_of(invoice)
        self.demo.happened(invoice.created_at, invoice.owner, "created", invoice, also=also)
        if invoice.is_draft or invoice.issued_on is None:
            return
        changes = {"number": [None, invoice.number]}
        at = invoice.created_at + timedelta(hours=1)
        self.demo.happened(at, admin, "issued", invoice, changes=changes, also=also)
        if invoice.sent_at:
            self.demo.happened(invoice.sent_at, admin, "sent", invoice, also=also)
        if invoice.opened_at:
            self.demo.happened(invoice.opened_at, None, "opened", invoice, also=also)


def _credit(invoice: Invoice, reason: str) -> Invoice:
    return create_credit_note(user=None, invoice=invoice, reason=reason)
