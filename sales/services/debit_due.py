"""Which invoices may be debited, on which day, by which mandate; and why others may not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sales.models import Agency, Contract, Debit, Invoice, Mandate
from sales.services.mandate import mandates_for
from sales.services.target_days import collection_day

NOUGHT = Decimal("0.00")
MOST = 2000


@dataclass
class Line:
    """An invoice that is to be debited, or why it is not."""

    invoice: Invoice
    mandate: Mandate | None
    fault: str = ""


@dataclass
class Group:
    """What an agency collects on one day under one scheme."""

    agency: Agency
    scheme: str
    day: date
    lines: list[Line] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((line.invoice.balance for line in self.lines), NOUGHT)

    @property
    def key(self) -> str:
        return f"{self.agency.pk}-{self.scheme}-{self.day.isoformat()}"


def open_invoices() -> QuerySet[Invoice]:
    """Invoices that are paid by debit, owed, and in no living collection."""
    return (
        Invoice.objects.filter(
            payment_method=Contract.PaymentMethod.DEBIT,
            settlement__in=Invoice.UNPAID,
            balance__gt=0,
        )
        .exclude(kind=Invoice.Kind.CREDIT_NOTE)
        .exclude(pk__in=Debit.objects.filter(live_key__isnull=False).values("live_key"))
    )


def proposals(today: date | None = None) -> tuple[list[Group], list[Line]]:
    """(what may be prepared, by agency, kind and day; what may not, with its reason)."""
    today = today or timezone.localdate()
    invoices = list(
        open_invoices()
        .select_related("agency", "client__company", "client__contact", "company", "contact", "contract")
        .defer("facts", "terms", "introduction")
        .order_by("due_on", "pk")[:MOST]
    )
    mandates, days = mandates_of(invoices, today), withdrawal_days(invoices)
    groups: dict[tuple[int, str, date], Group] = {}
    left: list[Line] = []
    for invoice in invoices:
        mandate = mandates.get(invoice.pk)
        why = why_not(invoice, mandate)
        if why or mandate is None:
            left.append(Line(invoice, mandate, why))
            continue
        earliest = max(invoice.due_on or today, today + timedelta(days=mandate.notice_days))
        day = collection_day(earliest, days.get(invoice.pk))
        key = (invoice.agency_id, mandate.scheme, day)
        group = groups.setdefault(key, Group(invoice.agency, mandate.scheme, day))
        group.lines.append(Line(invoice, mandate))
    return sorted(groups.values(), key=lambda one: (one.day, one.agency.pk, one.scheme)), left


def mandates_of(invoices: Sequence[Invoice], today: date) -> dict[int, Mandate]:
    """{invoice: the mandate by which it may be debited}; one query."""
    pairs = {invoice.pk: (invoice.client_id, invoice.agency_id) for invoice in invoices if invoice.client_id}
    found = mandates_for([(int(c), a) for c, a in pairs.values() if c], today)
    return {pk: found[pair] for pk, pair in pairs.items() if pair in found}  # type: ignore[index]


def withdrawal_days(invoices: Iterable[Invoice]) -> dict[int, int]:
    """{invoice: its client's day of the month}: its contract's, or that of the client's latest contract."""
    plain = [(invoice, int(invoice.client_id)) for invoice in invoices if invoice.client_id]
    contracts = Contract.objects.filter(
        client__in={client for _invoice, client in plain}, withdrawal_day__isnull=False
    )
    latest = dict(contracts.order_by("pk").values_list("client_id", "withdrawal_day"))
    found = {}
    for invoice, client in plain:
        own = invoice.contract.withdrawal_day if invoice.contract is not None else None
        day = own or latest.get(client)
        if day:
            found[invoice.pk] = day
    return found


def why_not(invoice: Invoice, mandate: Mandate | None) -> str:
    """Why an invoice may not be debited, in words; "" where it may."""
    if invoice.is_draft or invoice.is_credit_note:
        return _("It is no issued invoice.")
    if invoice.payment_method != Contract.PaymentMethod.DEBIT:
        return _("It is not paid by direct debit.")
    if invoice.balance <= 0:
        return _("Nothing is left to pay.")
    if invoice.disputed:
        return _("It is disputed.")
    if mandate is None:
        return _("The client has no mandate that may be used for this agency.")
    lacks = what_lacks(invoice.agency)
    return lacks[0] if lacks else ""


def debits_in(batches: QuerySet) -> QuerySet[Debit]:
    """The collections of batches that somebody may see."""
    return Debit.objects.filter(batch__in=batches).select_related("batch", "invoice").defer("batch__content")


def batches_with(words: str) -> QuerySet:
    """The numbers of batches in which a collection bears this reference."""
    return Debit.objects.filter(reference__icontains=words).values("batch")


def what_lacks(agency: Agency) -> list[str]:
    """What an agency needs to take direct debits."""
    lacking = [name for name, value in (("ICS", agency.ics), ("IBAN", agency.iban)) if not value]
    if not lacking:
        return []
    text = _("The agency “%(agency)s” lacks: %(parts)s.")
    return [text % {"agency": agency, "parts": ", ".join(lacking)}]
