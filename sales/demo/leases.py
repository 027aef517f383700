"""Leases of the demo: what the leasing company was asked for in a year, at every step from study to money.

The rows say what the services would have written on those days (sales/services/lease.py); the lessor is
invoiced and pays by the real path (sales/demo/invoices.py, money.py).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from crm.models import Activity
from crm.services.activity_totals import adjust_activities, lines_of
from crm.services.next_activity import refresh_next_activity
from digiweb.demo import Demo
from digiweb.demo.draw import Draw
from sales.models import Contract, Lease, LeaseTerms, Quote
from sales.services.contract import also_of as also_of_contract
from sales.services.lease import OVER, judge, reminder_of
from sales.services.quote import also_of
from sales.services.quote_facts import fresh_facts
from sales.working_days import working_day

SEED = 20261128
Status = Lease.Status
# What a client would rather rent: a site; and from which amount on (€ before tax).
LEASED, LEAST = ("Boutique", "Création du site", "Refonte", "rendez-vous"), 3000
# How many of the year were financed.
FINANCED = 5
TERMS = (
    "Financement par location sur {months} mois auprès de notre partenaire {lessor}, sous réserve de son "
    "accord : ni acompte ni solde à votre charge, les loyers sont prélevés par le bailleur après la "
    "signature du procès-verbal de livraison. Délai : six semaines après réception des contenus, deux "
    "allers-retours de corrections compris. Garantie de trois mois sur les anomalies."
)
LOST = "Le bailleur n’a pas suivi, et l’achat comptant dépasse notre budget."
# As the catalogue has them (tests/sales/test_lease_demo.py): fixtures/ are the same with any catalogue.
WORDS: dict[str, str] = {
    "study": "À l’étude",
    "papers": "Pièces demandées",
    "agreed": "Accord",
    "refused": "Refus",
    "signed": "Contrat signé",
    "delivered": "PV de livraison signé",
    "financed": "Financé",
}
ALLOWED, TOO_YOUNG = "Le client peut louer, sur {months} mois.", "L’entreprise est trop récente."
NOTES: dict[str, tuple[str, ...]] = {
    "papers": ("Kbis de moins de trois mois et RIB demandés.", "Deux derniers bilans demandés."),
    "agreed": ("", "Accord valable trois mois.", "Accord sous réserve du RIB."),
    "refused": ("Comité de crédit défavorable.", "Fonds propres insuffisants."),
    "signed": ("Contrat signé en ligne par le dirigeant.", ""),
    "delivered": ("Procès-verbal signé dans leurs locaux.", "Procès-verbal signé après la recette en visio."),
    "financed": ("Virement du bailleur reçu.",),
}


@dataclass
class Told:
    """A lease with the days of its steps, from the asking to where it is."""

    quote: Quote
    lease: Lease
    steps: list[tuple[str, date]]
    notes: dict[str, str] = field(default_factory=dict)

    def day_of(self, status: str) -> date | None:
        return next((day for step, day in self.steps if step == status), None)


def build_leases(demo: Demo, quotes: Sequence[Quote]) -> list[Told]:
    """About a dozen, by a draw of their own, and what they change of their quotes and contracts."""
    terms = LeaseTerms(
        pk=demo.number(LeaseTerms),
        lessor="LOCAM",
        company=demo.lessor,
        created_at=demo.start,
        updated_at=demo.start,
    )
    demo.insert([terms])
    story = _Story(demo, terms)
    leases = sorted(story.tell(quotes), key=lambda told: (told.steps[0][1], told.quote.pk))
    for told in leases:
        told.lease.pk = demo.number(Lease)
    demo.insert(told.lease for told in leases)
    for told in leases:
        story.happened(told)
    demo.insert(story.tasks)
    refresh_next_activity(task.deal_id for task in story.tasks)
    adjust_activities(Counter(), lines_of(story.tasks))
    return leases


class _Story:
    def __init__(self, demo: Demo, terms: LeaseTerms) -> None:
        self.demo, self.terms, self.draw = demo, terms, Draw(SEED)
        self.yesterday = demo.today - timedelta(days=1)
        self.tasks: list[Activity] = []

    # --- Which of them, and how far

    def tell(self, quotes: Sequence[Quote]) -> Iterator[Told]:
        fit = sorted(
            (quote for quote in quotes if self.fits(quote)), key=lambda each: (each.created_at, each.pk)
        )
        of: dict[str, list[Quote]] = {
            str(status): [each for each in fit if each.status == status] for status in Quote.Status
        }
        yield from self.of_won([each for each in of["accepted"] if _is_sound(each.contract)])
        slow = [each for each in of["refused"] if self.age(each.created_at) - self.age(each.answered_at) >= 7]
        for quote in slow[len(slow) // 2 :][:1]:
            quote.refusal_reason = LOST
            yield self.told(quote, self.walk(quote, ("refused", 2, 3)))
        waiting = of["sent"]
        for place, path in ((-1, ()), (-3, (("papers", 1, 1),)), (-5, (("papers", 1, 2), ("agreed", 1, 2)))):
            if len(waiting) >= -place:
                yield self.told(waiting[place], self.walk(waiting[place], *path))
        for quote in waiting[-7:-6]:
            yield self.told(quote, self.walk(quote), young=True)

    def of_won(self, won: Sequence[Quote]) -> Iterator[Told]:
        """Financed ones over the year, the latest on their way, one that was refused and is paid at once."""
        old = [quote for quote in won if self.age(quote.answered_at) > 80]
        whole = (("agreed", 2, 4), ("signed", 1, 3), ("delivered", 25, 32), ("financed", 6, 12))
        chosen = [
            old[place * len(old) // FINANCED] for place in range(FINANCED if len(old) > FINANCED else 0)
        ]
        for place, quote in enumerate(chosen):
            papers = (("papers", 1, 2),) if place % 2 else ()
            yield self.told(quote, self.walk(quote, *papers, *whole))
        under_way = [quote for quote in won if quote not in chosen and self.age(quote.answered_at) >= 7]
        done = [quote for quote in under_way if self.age(quote.answered_at) >= 35]
        for quote in done[-1:]:
            steps = self.walk(quote, *whole[:2])
            day = working_day(self.demo.today - timedelta(days=self.draw.between(9, 14)))
            yield self.told(quote, [*steps, (str(Status.DELIVERED), day)])
        for quote in [quote for quote in under_way if quote not in done][-1:]:
            yield self.told(quote, self.walk(quote, *whole[:2]))
        patient = [
            quote
            for quote in old
            if quote not in chosen
            and quote not in done[-1:]
            and self.age(quote.created_at) - self.age(quote.answered_at) >= 11
        ]
        for quote in patient[len(patient) // 2 :][:1]:
            yield self.told(quote, self.walk(quote, ("papers", 1, 2), ("refused", 1, 2)))

    def fits(self, quote: Quote) -> bool:
        """A site for a firm that can be invoiced, of an amount that the lessor finances."""
        firm = quote.company
        if not (firm and firm.siren and firm.address and quote.deal and quote.owner):
            return False
        paid = quote.contract.payment_method if quote.contract else ""
        sound = LEAST <= quote.net <= self.terms.most_amount and paid != Contract.PaymentMethod.DEBIT
        return sound and any(word in quote.subject for word in LEASED)

    def age(self, at: datetime | None) -> int:
        return (self.demo.today - at.date()).days if at else 0

    def walk(self, quote: Quote, *path: tuple[str, int, int]) -> list[tuple[str, date]]:
        """The days of the steps, each so many days after the one before; our contract comes first."""
        steps = [(str(Status.STUDY), quote.created_at.date())]
        for status, low, high in path:
            last = steps[-1][1]
            if status == Status.SIGNED and quote.answered_at is not None:
                last = max(last, quote.answered_at.date())
            day = working_day(last + timedelta(days=self.draw.between(low, high)))
            steps.append((status, max(last, min(day, self.yesterday))))
        return steps

    # --- What is written

    def told(self, quote: Quote, steps: list[tuple[str, date]], *, young: bool = False) -> Told:
        draw, asked = self.draw, steps[0][1]
        months = draw.pick((36, 48, 48, 60))
        founded = asked - timedelta(days=draw.between(150, 300) if young else draw.between(3 * 365, 22 * 365))
        status, since = steps[-1]
        told = Told(quote, Lease(quote=quote, duration=months, founded_on=founded), steps)
        told.notes = {step: draw.pick(NOTES[step]) for step, _day in steps[1:]}
        lease = told.lease
        lease.status, lease.status_on, lease.note = status, since, told.notes.get(status, "")
        agreed = told.day_of(Status.AGREED)
        if agreed is not None:
            lease.reference = f"D{agreed:%y%m}-{draw.between(10_000, 99_999)}"
        lease.obstacles = judge(
            self.terms,
            is_firm=quote.company is not None,
            siren=quote.company.siren if quote.company else "",
            founded_on=founded,
            amount=quote.net,
            duration=months,
            today=asked,
        )
        self.write_quote(told)
        return told

    def write_quote(self, told: Told) -> None:
        """No deposit on what is to be rented; what was bought all the same has its usual terms."""
        quote, lease = told.quote, told.lease
        if lease.is_eligible and not (lease.status == Status.REFUSED and quote.contract):
            quote.terms = TERMS.format(months=lease.duration, lessor=self.terms.lessor)
            quote.deposit_percent = Decimal(0)
        quote.facts = fresh_facts(quote) if quote.sent_at else quote.facts
        values = {
            name: getattr(quote, name) for name in ("terms", "deposit_percent", "refusal_reason", "facts")
        }
        Quote.objects.filter(pk=quote.pk).update(**values)

    def happened(self, told: Told) -> None:
        """The history of a lease, and the tasks that reminded of its steps."""
        demo, quote, lease = self.demo, told.quote, told.lease
        also, at, before = also_of(quote), quote.created_at + timedelta(minutes=15), ""
        for place, (status, day) in enumerate(told.steps):
            if before:
                at = max(demo.at(day, time(10 + place, self.draw.between(0, 59))), at + timedelta(hours=1))
                step = f"{WORDS[before]} → {WORDS[status]}"
                remark = " · ".join(filter(None, [step, told.notes[status]]))
                self.done(self.tasks[-1], at)
            else:
                remark = ALLOWED.format(months=lease.duration) if lease.is_eligible else TOO_YOUNG
            action = "lease_moved" if before else "lease_asked"
            demo.happened(at, quote.owner, action, quote, data={"remark": remark}, also=also)
            if status == Status.SIGNED:
                self.pay_by_lease(quote, at)
            if lease.is_eligible and status not in OVER:
                self.tasks.append(self.task(quote, status, at))
            before = status

    def task(self, quote: Quote, status: str, at: datetime) -> Activity:
        task = reminder_of(quote, status, at.date())
        task.subject = f"Location de {quote} : {WORDS[status]}"
        task.pk = self.demo.number(Activity)
        task.created_at = task.updated_at = at
        # Not by the clock: the same day makes the same rows, whatever the hour.
        if task.reminder is not None and task.starts_at > self.demo.end + timedelta(days=1):
            task.remind_at = task.starts_at - timedelta(minutes=task.reminder)
        return task

    def done(self, task: Activity, at: datetime) -> None:
        """The step came: the task is done, at the latest when it was due."""
        task.status, task.done_at, task.remind_at, task.updated_at = Activity.Status.DONE, at, None, at
        task.starts_at = min(task.starts_at, at)
        self.demo.happened(at, task.owner, "done", task, also=task.subjects)

    def pay_by_lease(self, quote: Quote, at: datetime) -> None:
        """The contract is paid by lease from the lessor's signature on, as `move_lease` writes it."""
        contract: Any = quote.contract
        changes = {"payment_method": [str(contract.payment_method), str(Contract.PaymentMethod.LEASE)]}
        contract.payment_method = Contract.PaymentMethod.LEASE
        contract.version += 1
        contract.updated_at = max(at, contract.updated_at)
        values = {name: getattr(contract, name) for name in ("payment_method", "version", "updated_at")}
        Contract.objects.filter(pk=contract.pk).update(**values)
        self.demo.happened(
            at, quote.owner, "changed", contract, changes=changes, also=also_of_contract(contract)
        )


def _is_sound(contract: Contract | None) -> bool:
    """In force, and where the source still has it."""
    return contract is not None and contract.status in Contract.IN_FORCE and contract.absent_since is None
