"""What the books come to: sums of lists, journals, balances, what may be wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from sales.books.years import FiscalYear, fiscal_year_of
from sales.models import (
    Account,
    Agency,
    BookEntry,
    BookLine,
    Closing,
    Invoice,
    Payment,
    PaymentMatch,
    WriteOff,
)
from sales.services.closing import MODULE, closed_until

NOUGHT = Decimal("0.00")
# No more lines are added up for a list: beyond, the page says so.
SUM_LIMIT = 10_000
# Of a client's account, on the page.
LEDGER_LIMIT = 1000
CLOSINGS = 12


def agencies_of(user: Any) -> list[Agency]:
    """Whose books a person may see: the grant is for all of them."""
    return list(Agency.objects.order_by("pk")) if user.can(MODULE, "view") else []


def closings_of(agency: Agency) -> list[Closing]:
    """The last closings, the latest first."""
    return list(Closing.objects.filter(agency=agency).select_related("closed_by")[:CLOSINGS])


class Sums(NamedTuple):
    """Lines of a list: how many, and what they come to."""

    number: int = 0
    debit: Decimal = NOUGHT
    credit: Decimal = NOUGHT
    capped: bool = False


def sums_of(lines: QuerySet, limit: int = SUM_LIMIT) -> Sums:
    """Of at most `limit` filtered lines, in one query."""
    few = lines.order_by().values("pk", "debit", "credit")[: limit + 1]
    found = few.aggregate(number=Count("pk"), debit=Sum("debit"), credit=Sum("credit"))
    count = found["number"]
    return Sums(min(count, limit), found["debit"] or NOUGHT, found["credit"] or NOUGHT, count > limit)


@dataclass(frozen=True)
class JournalSums:
    """A journal in a year."""

    kind: str
    label: str
    entries: int
    debit: Decimal
    credit: Decimal


def years_of(agency: Agency) -> list[FiscalYear]:
    """The fiscal years of which the books tell, the present one first."""
    today = timezone.localdate()
    found = BookEntry.objects.filter(agency=agency).aggregate(first=Min("entry_on"), last=Max("entry_on"))
    year = fiscal_year_of(max(today, found["last"] or today), agency.fiscal_month)
    first = fiscal_year_of(found["first"] or today, agency.fiscal_month)
    years = [year]
    while year.year > first.year:
        year = year.previous
        years.append(year)
    return years


def journals_of(agency: Agency, year: FiscalYear) -> list[JournalSums]:
    """What each journal holds in a year."""
    rows = (
        BookLine.objects.filter(agency=agency, entry_on__range=(year.first, year.last))
        .values("journal")
        .annotate(entries=Count("entry", distinct=True), debit=Sum("debit"), credit=Sum("credit"))
    )
    by_kind = {row["journal"]: row for row in rows}
    return [
        JournalSums(
            str(kind),
            str(kind.label),
            by_kind[kind]["entries"],
            by_kind[kind]["debit"],
            by_kind[kind]["credit"],
        )
        for kind in BookEntry.Journal
        if kind in by_kind
    ]


@dataclass(frozen=True)
class AccountSums:
    """An account, or one client's, in a year."""

    account: str
    label: str
    opening: Decimal
    debit: Decimal
    credit: Decimal
    # Whose account it is.
    client: int | None = None

    @property
    def balance(self) -> Decimal:
        return self.opening + self.debit - self.credit


def balance_of(agency: Agency, year: FiscalYear, *, by_client: bool = False) -> list[AccountSums]:
    """The trial balance of a year: opening balances apart from what moved. By client: accounts 411 alone."""
    lines = BookLine.objects.filter(agency=agency, entry_on__range=(year.first, year.last))
    if by_client:
        lines = lines.filter(role=Account.Role.CLIENT)
    keys = ("aux", "aux_label") if by_client else ("account", "account_label")
    opening, moved = Q(journal=BookEntry.Journal.OPENING), ~Q(journal=BookEntry.Journal.OPENING)
    rows = lines.values(keys[0]).annotate(
        named=Max(keys[1]),
        whose=Max("client"),
        opening=Sum(F("debit") - F("credit"), filter=opening),
        moved_debit=Sum("debit", filter=moved),
        moved_credit=Sum("credit", filter=moved),
    )
    return [
        AccountSums(
            row[keys[0]],
            row["named"],
            row["opening"] or NOUGHT,
            row["moved_debit"] or NOUGHT,
            row["moved_credit"] or NOUGHT,
            row["whose"] if by_client else None,
        )
        for row in rows.order_by(keys[0])
    ]


@dataclass(frozen=True)
class Check:
    """Something that was looked at, and whether it is well."""

    text: str
    good: bool


def checks_of(agency: Agency, year: FiscalYear, journals: Sequence[JournalSums]) -> list[Check]:
    """Whether the books of a year are in balance and tell what invoices and payments do."""
    debit = sum((each.debit for each in journals), NOUGHT)
    credit = sum((each.credit for each in journals), NOUGHT)
    invoiced = _invoiced(agency, year)
    booked = BookLine.objects.filter(
        agency=agency,
        entry_on__range=(year.first, year.last),
        journal=BookEntry.Journal.SALES,
        role=Account.Role.CLIENT,
    ).aggregate(sum=Sum(F("debit") - F("credit")))["sum"]
    told = [
        Check(_("Debit and credit are equal."), debit == credit),
        Check(_("The journal of sales tells what was invoiced."), (booked or NOUGHT) == invoiced),
        Check(_("The accounts of clients tell what is left of their invoices."), _clients_tell(agency)),
    ]
    last = closed_until(agency)
    first = BookEntry.objects.filter(agency=agency).exclude(journal=BookEntry.Journal.OPENING)
    earliest = first.aggregate(first=Min("entry_on"))["first"]
    if earliest is not None and earliest < year.first:
        text = _("The year before is closed: its balances are carried over.")
        told.append(Check(text, last is not None and last >= year.previous.last))
    return told


def _invoiced(agency: Agency, year: FiscalYear) -> Decimal:
    issued = Invoice.objects.filter(
        agency=agency, status=Invoice.Status.ISSUED, issued_on__range=(year.first, year.last)
    )
    plus = issued.filter(corrects=None).aggregate(sum=Sum("gross"))["sum"] or NOUGHT
    minus = issued.filter(corrects__isnull=False).aggregate(sum=Sum("gross"))["sum"] or NOUGHT
    return plus - minus


def _clients_tell(agency: Agency) -> bool:
    """411 in all is what was invoiced less what was credited, paid and given up."""
    lines = BookLine.objects.filter(agency=agency, role=Account.Role.CLIENT).exclude(
        journal=BookEntry.Journal.OPENING
    )
    booked = lines.aggregate(sum=Sum(F("debit") - F("credit")))["sum"] or NOUGHT
    issued = Invoice.objects.filter(agency=agency, status=Invoice.Status.ISSUED)
    sums = issued.aggregate(
        plus=Sum("gross", filter=Q(corrects=None)), minus=Sum("gross", filter=Q(corrects__isnull=False))
    )
    matched = PaymentMatch.objects.filter(payment__agency=agency).aggregate(
        plus=Sum("amount", filter=Q(payment__kind=Payment.Kind.RECEIPT)),
        minus=Sum("amount", filter=~Q(payment__kind=Payment.Kind.RECEIPT)),
    )
    lost = sum((row.sign * row.amount for row in WriteOff.objects.filter(invoice__agency=agency)), NOUGHT)
    owed = (sums["plus"] or NOUGHT) - (sums["minus"] or NOUGHT)
    return bool(booked == owed - (matched["plus"] or NOUGHT) + (matched["minus"] or NOUGHT) - lost)


@dataclass(frozen=True)
class LedgerLine:
    """A line of a client's account, and what the account comes to with it."""

    line: Any
    balance: Decimal


def ledger_of(lines: QuerySet, before: Decimal = NOUGHT) -> list[LedgerLine]:
    """The lines of an account in the order of their days."""
    found, balance = [], before
    ordered = lines.select_related("entry", "agency", "invoice__letter", "payment__letter")
    for line in ordered.defer("invoice__facts", "invoice__terms").order_by("entry_on", "pk"):
        balance += line.debit - line.credit
        found.append(LedgerLine(line, balance))
    return found
