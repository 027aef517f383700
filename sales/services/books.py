"""Writing the books: the entries of the open period follow from documents and money, in their transaction.

`book` is called by whoever changed an invoice, a payment, a match or a write-off; it writes anew what of it
is open. `refresh_books` does so for all that the open period tells, by night and before a closing, so that
nothing is forgotten. What was closed is never touched: `sales/books/plan.py` says what sets it right.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from sales.books.entries import Aux, Draft, Posting
from sales.books.plan import check_balanced, plan
from sales.models import (
    Agency,
    BookEntry,
    BookLine,
    BookTerms,
    Closing,
    Invoice,
    Payment,
    PaymentMatch,
    WriteOff,
)
from sales.services.book_facts import Facts, Wanted
from sales.services.chart import Chart, chart_of, ensure_books

BATCH = 200


def hold_books(agency: Agency) -> BookTerms:
    """The locked row of an agency's books; made with its chart where there was none."""
    held = BookTerms.objects.select_for_update().filter(agency=agency)
    terms = held.first()
    if terms is None:
        ensure_books(agency)
        terms = held.get()
    return terms


@transaction.atomic
def book(*, invoices: Iterable[int] = (), payments: Iterable[int] = ()) -> None:
    """Write the open entries of these invoices and payments, and of what hangs on them.

    Called in the transaction of the verb that changed them. Raises ValidationError where the chart of the
    agency lacks an account.
    """
    by_agency: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for pk, agency_id in Invoice.objects.filter(pk__in=set(invoices)).values_list("pk", "agency_id"):
        by_agency[agency_id][0].add(pk)
    for pk, agency_id in Payment.objects.filter(pk__in=set(payments)).values_list("pk", "agency_id"):
        by_agency[agency_id][1].add(pk)
    for agency in Agency.objects.filter(pk__in=by_agency).order_by("pk"):
        terms = hold_books(agency)
        Writer(agency, terms).write(*by_agency[agency.pk])


def refresh_books(agency: Agency) -> None:
    """Write all entries of the open period anew where they differ from what documents and money tell.

    A transaction for some of them at a time: nobody who issues waits for all.
    """
    ensure_books(agency)
    for invoices, payments in _open_batches(agency, last_closing(agency)):
        with transaction.atomic():
            Writer(agency, hold_books(agency)).write(invoices, payments)


def refresh_all_books() -> int:
    """By night: the books of all agencies; how many there are."""
    agencies = list(Agency.objects.order_by("pk"))
    for agency in agencies:
        refresh_books(agency)
    return len(agencies)


def last_closing(agency: Agency) -> Closing | None:
    return Closing.objects.filter(agency=agency).order_by("-closed_until").first()


def _open_batches(agency: Agency, last: Closing | None) -> Iterator[tuple[set[int], set[int]]]:
    """The numbers of what the open period may tell something new of, some at a time."""
    invoices = Invoice.objects.filter(agency=agency, status=Invoice.Status.ISSUED)
    payments = Payment.objects.filter(agency=agency)
    if last is not None:
        day, moment = last.closed_until, last.closed_at
        # Closed long before its day, or told late: what changed since is looked at again.
        moment = min(moment, timezone.make_aware(datetime.combine(day, time.max)))
        late = PaymentMatch.objects.filter(payment__agency=agency, matched_at__gte=moment)
        payments = payments.filter(
            Q(received_on__gt=day) | Q(updated_at__gte=moment) | Q(pk__in=late.values("payment_id"))
        )
        lost = WriteOff.objects.filter(invoice__agency=agency, written_on__gt=day)
        invoices = invoices.filter(
            Q(issued_on__gt=day) | Q(pk__in=lost.values("invoice_id")) | Q(pk__in=late.values("invoice_id"))
        )
    for pks in _batches(payments):
        yield set(), pks
    for pks in _batches(invoices):
        yield pks, set()


def _batches(rows: Any) -> Iterator[set[int]]:
    after = 0
    while pks := list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield set(pks)
        after = pks[-1]


class Writer:
    """Writes entries of one agency, under the lock of its books."""

    def __init__(self, agency: Agency, terms: BookTerms) -> None:
        self.agency, self.terms = agency, terms
        self.chart: Chart = chart_of(agency)
        last = last_closing(agency)
        self.closed_until = last.closed_until if last is not None else None
        self.today = timezone.localdate()

    def write(self, invoices: Collection[int], payments: Collection[int]) -> None:
        rows = list(
            Payment.objects.filter(agency=self.agency, pk__in=payments)
            .select_related("client__company", "client__contact")
            .prefetch_related("matches")
            .order_by("pk")
        )
        matched = {match.invoice_id for row in rows for match in row.matches.all()}
        # Matches that are no more: their invoices' VAT waits again.
        formerly = BookLine.objects.filter(payment__in=[row.pk for row in rows], invoice__isnull=False)
        whole = set(invoices) | matched | set(formerly.values_list("invoice_id", flat=True))
        whole |= set(
            Invoice.objects.filter(pk__in=whole, corrects__isnull=False).values_list("corrects_id", flat=True)
        )
        whole |= set(
            Invoice.objects.filter(corrects__in=whole, status=Invoice.Status.ISSUED).values_list(
                "pk", flat=True
            )
        )
        # Data, not words on a page: the books are kept in French.
        with override("fr"):
            facts = Facts(self.agency, self.terms)
            facts.gather(whole)
            wanted: Wanted = {
                **facts.sales_wanted(whole),
                **facts.vat_wanted(whole),
                **facts.money_wanted(rows),
            }
            self.keep(wanted)

    def keep(self, wanted: Wanted) -> None:
        """Bring the open entries of these sources to what is wanted."""
        there: dict[str, list[BookEntry]] = defaultdict(list)
        entries = BookEntry.objects.filter(agency=self.agency, source__in=list(wanted))
        for entry in entries.prefetch_related("lines").order_by("pk"):
            there[entry.source].append(entry)
        stale: list[int] = []
        fresh: list[tuple[str, Draft]] = []
        for source, drafts in wanted.items():
            drafts = [draft for draft in drafts if draft.postings]
            closed = [entry for entry in there[source] if entry.number is not None]
            planned = plan(
                source,
                drafts,
                [posting for entry in closed for posting in postings_of(entry)],
                {entry.key for entry in closed},
                closed_until=self.closed_until,
                today=self.today,
                label=_("Put right: %(piece)s") % {"piece": drafts[-1].piece if drafts else source},
            )
            check_balanced(planned)
            open_now = {entry.key: entry for entry in there[source] if entry.number is None}
            for draft in planned:
                known = open_now.pop(draft.key, None)
                if known is not None and self.same(known, draft):
                    continue
                if known is not None:
                    stale.append(known.pk)
                fresh.append((source, draft))
            stale += [entry.pk for entry in open_now.values()]
        if stale:
            BookLine.objects.filter(entry__in=stale).delete()
            BookEntry.objects.filter(pk__in=stale).delete()
        self.insert(fresh)

    def same(self, entry: BookEntry, draft: Draft) -> bool:
        """Whether an open entry tells this already. What sets right keeps the day on which it was written."""
        built = self.entry("", draft)
        names = ["journal", "journal_code", "journal_label", "piece", "label"]
        if ":more" not in draft.key:
            names += ["entry_on", "piece_on"]
        elif self.closed_until is not None and entry.entry_on <= self.closed_until:
            return False
        if any(getattr(entry, name) != getattr(built, name) for name in names):
            return False
        return sorted(map(_content, entry.lines.all())) == sorted(map(_content, self.lines(entry, draft)))

    def insert(self, fresh: list[tuple[str, Draft]]) -> None:
        for start in range(0, len(fresh), BATCH):
            chunk = fresh[start : start + BATCH]
            BookEntry.objects.bulk_create(self.entry(source, draft) for source, draft in chunk)
            keys = [draft.key for _source, draft in chunk]
            # MySQL does not tell the numbers of rows that were inserted together.
            made = {entry.key: entry for entry in BookEntry.objects.filter(agency=self.agency, key__in=keys)}
            BookLine.objects.bulk_create(
                line for _source, draft in chunk for line in self.lines(made[draft.key], draft)
            )

    def entry(self, source: str, draft: Draft) -> BookEntry:
        code, label = self.terms.journal(draft.journal)
        return BookEntry(
            agency=self.agency,
            source=source,
            key=draft.key,
            journal=draft.journal,
            journal_code=code,
            journal_label=label,
            entry_on=draft.on,
            piece=draft.piece,
            piece_on=draft.piece_on,
            label=draft.label,
        )

    def lines(self, entry: BookEntry, draft: Draft) -> list[BookLine]:
        found = []
        for posting in draft.postings:
            number, label = posting.account or self.chart.account(
                posting.role, posting.rate, posting.category
            )
            found.append(
                BookLine(
                    entry=entry,
                    agency_id=entry.agency_id,
                    journal=draft.journal,
                    entry_on=draft.on,
                    account=number,
                    account_label=label,
                    role=posting.role,
                    rate=posting.rate,
                    category=posting.category,
                    aux=posting.aux.code if posting.aux else "",
                    aux_label=posting.aux.label if posting.aux else "",
                    client_id=posting.aux.client if posting.aux else None,
                    debit=max(posting.amount, Decimal("0.00")),
                    credit=max(-posting.amount, Decimal("0.00")),
                    invoice_id=posting.invoice,
                    payment_id=posting.payment,
                )
            )
        return found


def _content(line: BookLine) -> tuple[Any, ...]:
    """What two lines have in common that tell the same."""
    return (
        line.account,
        line.account_label,
        line.role,
        line.rate if line.rate is not None else Decimal(-1),
        line.category,
        line.aux,
        line.aux_label,
        line.client_id or 0,
        line.debit,
        line.credit,
        line.invoice_id or 0,
        line.payment_id or 0,
    )


def postings_of(entry: BookEntry) -> list[Posting]:
    """The lines of an entry as signed amounts."""
    return [posting_of(line) for line in entry.lines.all()]


def posting_of(line: BookLine) -> Posting:
    return Posting(
        line.role,
        line.debit - line.credit,
        line.rate,
        line.category,
        Aux(line.aux, line.aux_label, line.client_id) if line.aux else None,
        line.invoice_id,
        line.payment_id,
    )
