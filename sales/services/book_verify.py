"""Replays what was closed: numbers, balances, totals and digests. Changes nothing."""

from datetime import date

from django.db.models import F, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sales.models import Agency, BookEntry, BookLine, Closing
from sales.services.closing import NOUGHT, digest_of, entries_between

MOST = 20


def wrong_in_books(agency: Agency) -> list[tuple[str, str]]:
    """(about, what is wrong) of the closed books of an agency."""
    told = [*_numbers(agency), *_balances(agency)]
    after, perpetual, digest = None, NOUGHT, ""
    for closing in Closing.objects.filter(agency=agency).order_by("closed_until"):
        about = _("Closing of %(agency)s until %(day)s") % {
            "agency": agency,
            "day": date_format(closing.closed_until, "SHORT_DATE_FORMAT"),
        }
        mine = entries_between(agency, after, closing.closed_until)
        sums = BookLine.objects.filter(entry__in=mine).exclude(journal="opening")
        found = sums.aggregate(debit=Sum("debit"), credit=Sum("credit"))
        debit, credit = found["debit"] or NOUGHT, found["credit"] or NOUGHT
        perpetual += debit
        if (debit, credit, mine.count()) != (closing.debit, closing.credit, closing.entries):
            told.append((about, _("Its totals are not those of its entries.")))
        if perpetual != closing.perpetual:
            told.append((about, _("Its perpetual total is not that of all entries.")))
        # Of a closing that somebody slipped in without one, or whose entries differ in anything.
        if digest_of(digest, mine) != closing.digest:
            told.append((about, _("Its entries are not as they were closed.")))
        after, digest = closing.closed_until, closing.digest
    return told[:MOST]


def _numbers(agency: Agency) -> list[tuple[str, str]]:
    """Each fiscal year runs from 1 without a gap, and its days never go back."""
    told = []
    expected = 0
    year: int | None = None
    day: date | None = None
    rows = BookEntry.objects.filter(agency=agency, number__isnull=False).order_by("fiscal_year", "number")
    for found, number, on in rows.values_list("fiscal_year", "number", "entry_on").iterator():
        expected = 1 if found != year else expected + 1
        if number != expected:
            about = _("Entries of %(agency)s, %(year)s") % {"agency": agency, "year": found}
            told.append((about, _("Number %(number)s is missing.") % {"number": expected}))
            expected = number or 0
        elif found == year and day is not None and on < day:
            told.append((str(agency), _("The days of entries go backwards at number %(n)s.") % {"n": number}))
        year, day = found, on
    return told[:MOST]


def _balances(agency: Agency) -> list[tuple[str, str]]:
    rows = (
        BookEntry.objects.filter(agency=agency)
        .annotate(debit=Sum("lines__debit"), credit=Sum("lines__credit"))
        .exclude(debit=F("credit"))
        .order_by("pk")[:MOST]
    )
    return [(str(entry), _("The entry is out of balance.")) for entry in rows]
