"""What of invoices, payments and write-offs the books tell, as `sales/books` takes it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from sales.books.entries import (
    Aux,
    Draft,
    Loss,
    Match,
    Money,
    Sale,
    SoldLine,
    Step,
    loss_entry,
    money_entry,
    sale_entry,
    vat_entries,
    vat_shares,
)
from sales.models import (
    Account,
    Agency,
    BookLine,
    BookTerms,
    Invoice,
    Mention,
    Payment,
    PaymentMatch,
    WriteOff,
)

Wanted = dict[str, list[Draft]]


def aux_of(*, client: Any = None, company: Any = None, contact: Any = None) -> Aux | None:
    """Whose account it is: the client's, unless another firm buys (a lessor)."""
    if client is not None and (company is None or client.company_id == company.pk):
        return Aux(f"411{client.pk:06d}", str(client)[:160], client.pk)
    if company is not None:
        return Aux(f"411E{company.pk:06d}", str(company)[:160])
    if contact is not None:
        return Aux(f"411P{contact.pk:06d}", str(contact)[:160])
    return None


class Facts:
    """The sales of some invoices, with what was closed of them already."""

    def __init__(self, agency: Agency, terms: BookTerms) -> None:
        self.agency, self.terms = agency, terms
        self.sales: dict[int, Sale] = {}
        self.corrected: dict[int, int] = {}
        # Of invoices whose entry is closed: the client's account, and whether its VAT waited.
        self.closed_aux: dict[int, Aux] = {}
        self.closed_pending: dict[int, bool] = {}

    def gather(self, pks: Collection[int]) -> None:
        """Read issued invoices of the agency, and what their credit notes correct."""
        self._closed(pks)
        found = (
            Invoice.objects.filter(agency=self.agency, pk__in=pks, status=Invoice.Status.ISSUED)
            .select_related("client__company", "client__contact", "company", "contact", "corrects")
            .prefetch_related("rates", "lines__offer", "lines__credits")
            .order_by("pk")
        )
        for invoice in found:
            if invoice.corrects_id is not None:
                self.corrected[invoice.pk] = invoice.corrects_id
            self.sales[invoice.pk] = self._sale(invoice)

    def _closed(self, pks: Collection[int]) -> None:
        lines = BookLine.objects.filter(
            agency=self.agency,
            entry__number__isnull=False,
            entry__key__in=[f"invoice:{pk}" for pk in pks],
        )
        for line in lines.order_by("pk"):
            pk = line.invoice_id
            if pk is None:
                continue
            self.closed_pending.setdefault(pk, False)
            if line.role == Account.Role.CLIENT:
                self.closed_aux[pk] = Aux(line.aux, line.aux_label, line.client_id)
            elif line.role == Account.Role.VAT_PENDING:
                self.closed_pending[pk] = True

    def _sale(self, invoice: Any) -> Sale:
        aux = self.closed_aux.get(invoice.pk) or aux_of(
            client=invoice.client, company=invoice.company, contact=invoice.contact
        )
        deposit = Invoice.Kind.DEPOSIT
        all_deposit = invoice.kind == deposit or (
            invoice.corrects is not None and invoice.corrects.kind == deposit
        )
        taxed = invoice.treatment == Invoice.Treatment.STANDARD
        lines = []
        for line in sorted(invoice.lines.all(), key=lambda each: (each.position, each.pk)):
            if not line.is_item:
                continue
            taken = line.deducts_id or (line.credits.deducts_id if line.credits is not None else None)
            lines.append(
                SoldLine(
                    line.vat_rate if taxed else Decimal("0.00"),
                    line.net,
                    line.offer.category if line.offer is not None else "",
                    all_deposit or taken is not None,
                )
            )
        word = str(invoice.get_kind_display())
        who = aux.label if aux else ""
        return Sale(
            pk=invoice.pk,
            number=invoice.number,
            on=invoice.issued_on,
            label=f"{word} {invoice.number} {who}".strip()[:200],
            aux=aux or Aux("411000000", who),
            sign=invoice.sign,
            gross=invoice.gross,
            rates=tuple((rate.rate, rate.base, rate.vat) for rate in invoice.rates.all()),
            lines=tuple(lines),
            pending=self._pending(invoice, invoice.corrects),
        )

    def _pending(self, invoice: Any, corrects: Any) -> bool:
        """A credit note takes back what its invoice told, where that told it."""
        told = corrects or invoice
        if told.pk in self.closed_pending:
            return self.closed_pending[told.pk]
        if told.treatment != Invoice.Treatment.STANDARD or not self.terms.vat_pending:
            return False
        mentions = (told.facts or {}).get("mentions", {})
        return str(Mention.Code.DEBITS) not in mentions

    # --- What is wanted

    def sales_wanted(self, pks: Iterable[int]) -> Wanted:
        """The entries of the invoices themselves; those that are closed are told for good."""
        return {
            f"invoice:{pk}": [sale_entry(self.sales[pk])]
            for pk in pks
            if pk in self.sales and pk not in self.closed_pending
        }

    def losses_of(self, pks: Collection[int]) -> dict[int, list[Loss]]:
        found: dict[int, list[Loss]] = defaultdict(list)
        rows = list(WriteOff.objects.filter(invoice__in=pks).order_by("written_on", "pk"))
        vats = self._vats_of(rows)
        for row in rows:
            sale = self.sales.get(row.invoice_id)
            if sale is None:
                continue
            # What takes a write-off back counts against it.
            amount = row.sign * row.amount
            found[sale.pk].append(
                Loss(
                    pk=row.pk,
                    on=row.written_on,
                    reason=row.reason,
                    amount=amount,
                    invoice=sale.pk,
                    number=sale.number,
                    label=f"{row.get_reason_display()} {sale.number} {sale.aux.label}"[:200],
                    aux=sale.aux,
                    vats=vats.get(row.pk, {}),
                    pending=sale.pending,
                )
            )
        return found

    def _vats_of(self, rows: Iterable[WriteOff]) -> dict[int, dict[Decimal, Decimal]]:
        """{write-off: the VAT in it that is not owed any more}, of rows in their order."""
        regular: dict[int, list[WriteOff]] = defaultdict(list)
        for row in rows:
            sale = self.sales.get(row.invoice_id)
            if sale is not None and (sale.pending or row.reason == WriteOff.Reason.LOSS):
                regular[sale.pk].append(row)
        found: dict[int, dict[Decimal, Decimal]] = {}
        for pk, mine in regular.items():
            shares = vat_shares(
                [row.sign * row.amount for row in mine], self.sales[pk].gross, self.sales[pk].vats
            )
            found |= {row.pk: share for row, share in zip(mine, shares, strict=True)}
        return found

    def vat_wanted(self, pks: Collection[int]) -> Wanted:
        """What was released of the VAT that waits, and the losses; of these invoices."""
        losses = self.losses_of(pks)
        wanted: Wanted = {
            f"write_off:{loss.pk}": [loss_entry(loss)] for each in losses.values() for loss in each
        }
        waiting = [
            pk for pk in pks if pk in self.sales and self.sales[pk].pending and pk not in self.corrected
        ]
        notes = [pk for pk, of in self.corrected.items() if of in set(waiting) and pk in self.sales]
        whose = {pk: pk for pk in waiting} | {pk: self.corrected[pk] for pk in notes}
        steps: dict[int, list[Step]] = defaultdict(list)
        for pk in notes:
            note = self.sales[pk]
            steps[whose[pk]].append(Step(f"note{pk}", note.on, note.number, note.gross, note.vats))
        for pk in waiting:
            steps[pk] += [
                Step(f"loss{loss.pk}", loss.on, loss.number, loss.amount, loss.vats)
                for loss in losses.get(pk, [])
            ]
        matches = PaymentMatch.objects.filter(invoice__in=list(whose)).select_related("payment")
        for match in matches.order_by("payment__received_on", "pk"):
            payment = match.payment
            steps[whose[match.invoice_id]].append(
                Step(
                    f"match{match.pk}",
                    payment.received_on,
                    piece_of(payment),
                    received=payment.sign * match.amount,
                    payment=payment.pk,
                )
            )
        for pk in waiting:
            sale = self.sales[pk]
            # A payment in advance releases nothing before there is an invoice.
            dated = [replace(step, on=max(step.on, sale.on)) for step in steps[pk]]
            label = (_("VAT due on payment %(invoice)s") % {"invoice": sale.number})[:200]
            wanted[f"vat:{pk}"] = vat_entries(sale, sorted(dated, key=lambda step: step.on), label)
        return wanted

    def money_wanted(self, payments: Iterable[Any]) -> Wanted:
        """The entries of payments; their invoices have been gathered."""
        return {f"payment:{payment.pk}": [money_entry(self._money(payment))] for payment in payments}

    def _money(self, payment: Any) -> Money:
        matches = tuple(
            Match(match.invoice_id, match.amount, self.sales[match.invoice_id].aux)
            for match in sorted(payment.matches.all(), key=lambda each: each.pk)
            if match.invoice_id in self.sales
        )
        who = payment.payer or str(payment.client or "")
        return Money(
            pk=payment.pk,
            piece=piece_of(payment),
            on=payment.received_on,
            label=f"{payment.get_kind_display()} {payment.get_method_display()} {who}".strip()[:200],
            sign=payment.sign,
            amount=payment.amount,
            matches=matches,
            aux=aux_of(client=payment.client),
        )


def piece_of(payment: Payment) -> str:
    """The reference of the bank, or our own number: a document is never without one."""
    return (payment.reference or f"REG-{payment.pk}")[:60]
