"""What may still be dated when: the books of an agency are closed up to a day, for good."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max, Min, Q, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from digiweb.audit import record
from sales.books.entries import DEFICIT, IN_OPENING, PROFIT, Draft, Posting
from sales.books.plan import open_lines
from sales.books.years import FiscalYear, fiscal_year_of
from sales.models import Account, Agency, BookEntry, BookLine, Closing, Invoice
from sales.services.books import Writer, hold_books, last_closing, posting_of, refresh_books
from sales.services.invoice_seal import hold_chain

MODULE = "sales.accounting"
NOUGHT = Decimal("0.00")
BATCH = 1000
# Entries of one day are numbered journal by journal, opening balances first.
ORDER = [str(journal) for journal in BookEntry.Journal]


def closed_until(agency: Agency) -> date | None:
    """The last day of the books that are final; None while none are."""
    last = last_closing(agency)
    return last.closed_until if last is not None else None


def check_open(agency: Agency, day: date, field: str | None = None) -> None:
    """Raise ValidationError (beside `field` where given) for a day whose books are closed.

    Whoever writes what the books will tell calls it in its transaction, with the row of the agency locked
    where a closing may come at the same moment.
    """
    last = closed_until(agency)
    if last is None or day > last:
        return
    text = _("The books of “%(agency)s” are closed until %(day)s: choose a later day.") % {
        "agency": agency,
        "day": date_format(last, "SHORT_DATE_FORMAT"),
    }
    raise ValidationError({field: text} if field else text)


@dataclass(frozen=True)
class ToClose:
    """What a closing would do, to be told before."""

    until: date
    entries: int
    debit: Decimal
    credit: Decimal
    # Invoices not issued yet of that time: they will be issued on a later day.
    drafts: int
    # The year that would be closed to its end: its balances are carried over.
    years: tuple[FiscalYear, ...]


def to_close(agency: Agency, until: date) -> ToClose:
    """What closing the books of `agency` until a day would number. Raises as `close_books`."""
    check_day(agency, until, timezone.localdate())
    waiting = BookEntry.objects.filter(agency=agency, number=None, entry_on__lte=until)
    sums = _sums(BookLine.objects.filter(entry__in=waiting))
    drafts = Invoice.objects.filter(agency=agency, status=Invoice.Status.DRAFT).filter(
        Q(delivered_on__lte=until) | Q(delivered_on=None, created_at__date__lte=until)
    )
    return ToClose(until, waiting.count(), *sums, drafts.count(), tuple(_years(agency, until)))


def check_day(agency: Agency, until: date, today: date) -> None:
    """Raise ValidationError for a day that is not over, or is closed already."""
    if until >= today:
        raise ValidationError({"until": _("A day is closed when it is over, not before.")})
    last = closed_until(agency)
    if last is not None and until <= last:
        day = date_format(last, "SHORT_DATE_FORMAT")
        raise ValidationError({"until": _("The books are closed until %(day)s already.") % {"day": day}})


def close_books(*, user: Any, agency: Agency, until: date) -> Closing:
    """Close the books of an agency until a day: its entries get their numbers and never change any more.

    Numbers run without a gap through the fiscal year, by day and journal (article A47 A-1 of the LPF).
    Where a year ends within the period, its balances open the next one. There is no way back.
    Raises PermissionDenied without the grant, ValidationError for a day that is not over or closed already.
    """
    if user is not None and not user.can(MODULE, "create"):
        raise PermissionDenied
    return close_at(timezone.now(), user=user, agency=agency, until=until)


@transaction.atomic
def close_at(now: datetime, *, user: Any, agency: Agency, until: date) -> Closing:
    """`close_books` at a moment: the demo tells a year. Whoever calls has asked what `user` may."""
    today = timezone.localdate(now)
    # No invoice is issued meanwhile, and no payment written; in the order in which an issue takes them.
    hold_chain(agency.pk)
    Agency.objects.select_for_update().get(pk=agency.pk)
    terms = hold_books(agency)
    check_day(agency, until, today)
    refresh_books(agency)
    before = last_closing(agency)
    writer = Writer(agency, terms)
    for year in _years(agency, until):
        _number(agency, year.last, today)
        writer.keep(_opening(agency, year))
    _number(agency, until, today)
    mine = entries_between(agency, before.closed_until if before else None, until)
    debit, credit = _sums(BookLine.objects.filter(entry__in=mine).exclude(journal=IN_OPENING))
    closing = Closing.objects.create(
        agency=agency,
        closed_until=until,
        debit=debit,
        credit=credit,
        perpetual=(before.perpetual if before else NOUGHT) + debit,
        entries=mine.count(),
        digest=digest_of(before.digest if before else "", mine),
        closed_by=user,
        closed_at=now,
    )
    day = date_format(until, "SHORT_DATE_FORMAT")
    record(user=user, action="closed", obj=agency, data={"until": day, "entries": closing.entries})
    return closing


def entries_between(agency: Agency, after: date | None, until: date) -> Any:
    """The numbered entries of a closing."""
    found = BookEntry.objects.filter(agency=agency, number__isnull=False, entry_on__lte=until)
    return found.filter(entry_on__gt=after) if after is not None else found


def digest_of(previous: str, entries: Any) -> str:
    """SHA-256 over the digest before and each line of these entries, in the order of their numbers."""
    digest = hashlib.sha256(previous.encode())
    lines = BookLine.objects.filter(entry__in=entries).select_related("entry")
    for line in lines.order_by("entry__fiscal_year", "entry__number", "pk").iterator(BATCH):
        entry = line.entry
        told = (
            entry.fiscal_year, entry.number, entry.journal_code, entry.entry_on.isoformat(), entry.piece,
            entry.piece_on.isoformat(), entry.label, line.account, line.account_label, line.aux,
            line.aux_label, f"{line.debit:.2f}", f"{line.credit:.2f}",
        )  # fmt: skip
        digest.update(("\x1f".join(map(str, told)) + "\n").encode())
    return digest.hexdigest()


def _sums(lines: Any) -> tuple[Decimal, Decimal]:
    sums = lines.aggregate(debit=Sum("debit"), credit=Sum("credit"))
    return sums["debit"] or NOUGHT, sums["credit"] or NOUGHT


def _years(agency: Agency, until: date) -> list[FiscalYear]:
    """The fiscal years that end by this day and whose balances have not been carried over."""
    entries = BookEntry.objects.filter(agency=agency)
    first = entries.exclude(journal=IN_OPENING).aggregate(first=Min("entry_on"))["first"]
    if first is None:
        return []
    year = fiscal_year_of(first, agency.fiscal_month)
    carried = set(entries.filter(journal=IN_OPENING).values_list("entry_on", flat=True))
    found = []
    while year.last <= until:
        if year.following.first not in carried:
            found.append(year)
        year = year.following
    return found


def _number(agency: Agency, until: date, today: date) -> None:
    """Give the open entries up to a day their numbers, in each fiscal year from the last on."""
    waiting = list(BookEntry.objects.filter(agency=agency, number=None, entry_on__lte=until))
    waiting.sort(key=lambda entry: (entry.entry_on, ORDER.index(entry.journal), entry.pk))
    numbers = {
        row["fiscal_year"]: row["last"]
        for row in BookEntry.objects.filter(agency=agency, number__isnull=False)
        .values("fiscal_year")
        .annotate(last=Max("number"))
    }
    for entry in waiting:
        year = fiscal_year_of(entry.entry_on, agency.fiscal_month).year
        numbers[year] = numbers.get(year, 0) + 1
        entry.fiscal_year, entry.number, entry.validated_on = year, numbers[year], today
    BookEntry.objects.bulk_update(waiting, ["fiscal_year", "number", "validated_on"], batch_size=BATCH)


def _opening(agency: Agency, year: FiscalYear) -> dict[str, list[Draft]]:
    """The balances of a year that is closed, on the first day of the next: accounts of classes 1 to 5 each,
    clients by what is open, and what the others come to as the result of the year.
    """
    following = year.following
    lines = BookLine.objects.filter(agency=agency, entry_on__range=(year.first, year.last))
    plain: dict[tuple[Any, ...], Posting] = {}
    clients = []
    result = NOUGHT
    joined = lines.select_related("entry", "invoice__letter", "payment__letter")
    for line in joined.order_by("pk").iterator(BATCH):
        posting, account = posting_of(line), (line.account, line.account_label)
        if line.account[0] in "67":
            result += posting.amount
        elif line.role == Account.Role.CLIENT:
            letter = line.letter
            told = letter.code if letter is not None and letter.lettered_on <= year.last else ""
            clients.append((account, told, _carried(posting, account, whole=True)))
        else:
            key = (line.account, *posting.place)
            carried = _carried(posting, account, whole=False)
            known = plain.get(key)
            plain[key] = _add(known, carried.amount) if known else carried
    postings = [*plain.values(), *open_lines(clients)]
    if result:
        postings.append(Posting(PROFIT if result < 0 else DEFICIT, result))
    postings = [posting for posting in postings if posting.amount]
    postings.sort(key=lambda posting: posting.account[0] if posting.account else posting.role)
    source = f"opening:{following.year}"
    if not postings:
        return {source: []}
    with override("fr"):
        label = _("Opening balances of %(year)s") % {"year": following.year}
    piece = f"AN{following.year}"
    draft = Draft(source, IN_OPENING, following.first, piece, following.first, label, tuple(postings))
    return {source: [draft]}


def _carried(posting: Posting, account: tuple[str, str], *, whole: bool) -> Posting:
    """A posting under the account that it was closed on; with its document where that stays open."""
    return Posting(
        posting.role,
        posting.amount,
        posting.rate,
        posting.category,
        posting.aux,
        posting.invoice if whole else None,
        posting.payment if whole else None,
        account,
    )


def _add(posting: Posting, amount: Decimal) -> Posting:
    return Posting(
        posting.role,
        posting.amount + amount,
        posting.rate,
        posting.category,
        posting.aux,
        account=posting.account,
    )


def earliest_day(agency: Agency) -> date:
    """The first day that is open."""
    last = closed_until(agency)
    if last is not None:
        return last + timedelta(days=1)
    first = BookEntry.objects.filter(agency=agency).aggregate(first=Min("entry_on"))["first"]
    return first or timezone.localdate()
