"""Payments of the demo's invoices: on time, late, in part, too much; what was paid back and given up; a bank
statement that waits to be looked at.

They are recorded by the real path, in the order of their days, then told at their moments.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import override

from digiweb.demo import Demo
from digiweb.demo.draw import Draw
from digiweb.fulltext import fold
from sales.models import BankLine, BankStatement, Invoice, Payment, PaymentMatch, WriteOff
from sales.services.invoice import also_of as also_of_invoice
from sales.services.payment import also_of, record_payment
from sales.services.statement import ignore_line, link_line, start_reading, upload_statement
from sales.services.write_off import write_off
from timeline.models import Event, EventLink

SEED = 20261126
ON_TIME, LATE, PARTLY = 0.6, 0.2, 0.07
TOO_MUCH, TOO_LITTLE = Decimal(120), Decimal("2.40")
# The statement has the payments of so many days.
STATEMENT_DAYS = 45
FEES = Decimal("-14.90")
CENT = Decimal("0.01")
Step = tuple[date, int, Decimal]


class Money:
    """What came in, told after the invoices."""

    def __init__(self, demo: Demo, leased: Mapping[int, date | None]) -> None:
        # When the lessor paid what it bought, by the leased quote: not by chance.
        self.leased = leased
        self.demo, self.draw = demo, Draw(SEED)
        self.admin = demo.people["admin"]
        self.payments: list[Payment] = []

    def pay(self, invoices: Sequence[Invoice], credited: Sequence[Invoice]) -> None:
        """Most of them; of those that will be credited the first alone, whose money then goes back."""
        by_pk = {invoice.pk: invoice for invoice in invoices}
        steps = [step for invoice in invoices for step in self._steps(invoice, credited)]
        steps.sort()
        special = [
            pk
            for _day, pk, amount in steps
            if amount == by_pk[pk].gross
            and by_pk[pk] not in credited
            and by_pk[pk].quote_id not in self.leased
        ]
        over, little = (
            (special[len(special) // 3], special[len(special) // 2]) if len(special) > 3 else (0, 0)
        )
        for day, pk, amount in steps:
            invoice = by_pk[pk]
            more = TOO_MUCH if pk == over else -TOO_LITTLE if pk == little else Decimal(0)
            self._receive(invoice, day, amount + more)
            if pk == little:
                self._give_up(invoice, min(day + timedelta(days=8), self._yesterday()))

    def end(self, notes: Sequence[Invoice]) -> None:
        """A credit note paid back, and the statement."""
        for note in notes:
            note.refresh_from_db()
        owed = next((note for note in notes if note.balance > 0), None)
        if owed is not None:
            self._record(
                owed.agency, self._yesterday(), owed.balance, {owed.pk: owed.balance},
                kind=Payment.Kind.REFUND, reference=f"VIR REMBT {owed.number}",
            )  # fmt: skip
        self._statement()

    def _yesterday(self) -> date:
        return self.demo.today - timedelta(days=1)

    def _steps(self, invoice: Invoice, credited: Sequence[Invoice]) -> list[Step]:
        if invoice.gross <= 0 or invoice.issued_on is None or invoice.due_on is None:
            return []
        if invoice.quote_id is not None and invoice.quote_id in self.leased:
            day = self.leased[invoice.quote_id]
            return [(day, invoice.pk, invoice.gross)] if day else []
        roll, late = self.draw.between(1, 1000) / 1000, self.draw.between(3, 25)
        days = max((invoice.due_on - invoice.issued_on).days, 4)
        on_time = invoice.issued_on + timedelta(days=self.draw.between(3, days))
        if invoice in credited:
            day = invoice.issued_on + timedelta(days=3)
            return (
                [(day, invoice.pk, invoice.gross)] if invoice == credited[0] and day < self.demo.today else []
            )
        if roll <= ON_TIME:
            found = [(on_time, invoice.pk, invoice.gross)]
        elif roll <= ON_TIME + LATE:
            found = [(invoice.due_on + timedelta(days=late), invoice.pk, invoice.gross)]
        elif roll <= ON_TIME + LATE + PARTLY:
            found = [(on_time, invoice.pk, (invoice.gross / 2).quantize(CENT))]
        else:
            found = []
        return [step for step in found if step[0] < self.demo.today]

    def _receive(self, invoice: Invoice, day: date, amount: Decimal) -> None:
        invoice.refresh_from_db()
        matched = min(amount, invoice.balance)
        words = fold(str(invoice.addressee or "")).upper()
        reference = f"VIR SEPA {words} {invoice.number if self.draw.chance(0.7) else ''}".strip()
        self._record(
            invoice.agency, day, amount, {invoice.pk: matched},
            method=invoice.payment_method, reference=reference[:140],
        )  # fmt: skip

    def _record(
        self, agency: Any, day: date, amount: Decimal, matches: dict[int, Decimal], **more: Any
    ) -> Payment:
        payment = record_payment(
            user=self.admin, agency=agency, received_on=day, amount=amount, matches=matches,
            today=self.demo.today, **{"method": "transfer", **more},
        )  # fmt: skip
        at = self._moment(day)
        Payment.objects.filter(pk=payment.pk).update(created_at=at, updated_at=at)
        PaymentMatch.objects.filter(payment=payment).update(matched_at=at)
        Invoice.objects.filter(pk__in=matches).update(updated_at=at)
        invoices = list(Invoice.objects.filter(pk__in=matches).select_related("client"))
        self._told(payment, at, "created", also_of(payment, invoices))
        self.payments.append(payment)
        self.demo.counts["règlements"] = self.demo.counts.get("règlements", 0) + 1
        return payment

    def _give_up(self, invoice: Invoice, day: date) -> None:
        """The cents that a client forgot."""
        invoice.refresh_from_db()
        if not invoice.balance:
            return
        with override("fr"):
            made = write_off(
                user=self.admin,
                invoice=invoice,
                amount=invoice.balance,
                on=day,
                reason=WriteOff.Reason.ROUNDING,
                note="Écart de règlement",
                today=self.demo.today,
            )
        at = self._moment(day)
        WriteOff.objects.filter(pk=made.pk).update(written_at=at)
        Invoice.objects.filter(pk=invoice.pk).update(updated_at=at)
        mine = Event.objects.filter(subject_type="sales.invoice", subject_id=invoice.pk, action="written_off")
        changes = mine.latest("pk").changes
        self._forget(mine)
        also = also_of_invoice(invoice)
        self.demo.happened(at, self.admin, "written_off", invoice, changes=changes, also=also)

    def _moment(self, day: date) -> datetime:
        return min(self.demo.at(day, time(self.draw.between(9, 17), self.draw.between(0, 59))), self.demo.end)

    def _told(self, payment: Payment, at: datetime, action: str, also: tuple[Any, ...]) -> None:
        """Its events at their moment, in place of those that say now."""
        mine = Event.objects.filter(subject_type="sales.payment", subject_id=payment.pk)
        changes = mine.latest("pk").changes
        self._forget(mine)
        self.demo.happened(at, self.admin, action, payment, changes=changes, also=also)

    @staticmethod
    def _forget(events: Any) -> None:
        EventLink.objects.filter(event__in=list(events.values_list("pk", flat=True))).delete()
        events.delete()

    # --- The statement

    def _statement(self) -> None:
        """The bank's last weeks: payments that are known, fees, and what waits."""
        since = self.demo.today - timedelta(days=STATEMENT_DAYS)
        if not self.payments:
            return
        agency = self.payments[-1].agency
        known = [one for one in self.payments if one.agency == agency and one.received_on >= since]
        rows = [(one.received_on, one.reference, one.sign * one.amount) for one in known]
        day = self._yesterday()
        unpaid = list(
            Invoice.objects.filter(
                agency=agency, status=Invoice.Status.ISSUED, balance__gt=0, paid=0, issued_on__lt=day
            )
            .exclude(kind=Invoice.Kind.CREDIT_NOTE)
            .exclude(payment_method="debit")
            .order_by("due_key", "pk")[:2]
        )
        if unpaid:
            rows.append((day, f"VIR SEPA {unpaid[0].number}", unpaid[0].balance))
        if len(unpaid) > 1:
            words = fold(str(unpaid[1].addressee)).upper()
            rows.append((day, f"VIR SEPA {words} SOLDE", unpaid[1].balance))
        rows += [(day, "VIR SEPA M DURAND", Decimal(85)), (day, "COTISATION COMPTE PRO", FEES)]
        rows.sort(key=lambda row: row[0])
        lines = [f"{on:%d/%m/%Y};{label};{str(amount).replace('.', ',')}" for on, label, amount in rows]
        text = "\n".join([f"Compte courant {agency};;", "", "Date;Libellé;Montant (€)", *lines, ""])
        made = upload_statement(
            user=self.admin,
            agency=agency,
            name=f"releve-{day:%Y-%m}.csv",
            content=text.encode("cp1252", "replace"),
        )
        start_reading(user=self.admin, statement=made, columns=made.columns)
        for one in known:
            found = made.lines.filter(
                state=BankLine.State.WAITING, day=one.received_on, amount=one.sign * one.amount
            ).first()
            if found is not None:
                link_line(user=self.admin, line=found, payment=one)
        for fees in made.lines.filter(state=BankLine.State.WAITING, amount=FEES):
            ignore_line(user=self.admin, line=fees)
        at = self._moment(day)
        BankStatement.objects.filter(pk=made.pk).update(created_at=at, updated_at=at)
        made.lines.exclude(state=BankLine.State.WAITING).update(settled_at=at)
        mine = Event.objects.filter(subject_type="sales.bankstatement", subject_id=made.pk)
        told = list(mine.order_by("pk").values_list("action", "changes", "data"))
        self._forget(mine)
        for action, changes, data in told[:2]:
            self.demo.happened(at, self.admin, action, made, changes=changes, data=data)
