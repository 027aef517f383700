"""Closed periods of the demo: the first agency's accountant closed one month after the other."""

from datetime import date, time, timedelta

from digiweb.demo import Demo
from sales.models import Agency, BookEntry
from sales.services.books import refresh_books
from sales.services.closing import close_at
from timeline.models import Event

# The accountant closes a month when the next but one has begun.
BEHIND = 31


def build_closings(demo: Demo, agencies: list[Agency]) -> None:
    """After all documents and payments: nothing is dated in closed books."""
    for agency in agencies:
        refresh_books(agency)
    agency = agencies[0]
    first = BookEntry.objects.filter(agency=agency).order_by("entry_on").first()
    if first is None:
        return
    month = first.entry_on.replace(day=1)
    while (last := _end(month)) < demo.end.date() - timedelta(days=BEHIND):
        day = last + timedelta(days=BEHIND - 12)
        closing = close_at(
            demo.at(day, time(10, 30)), user=demo.people.get("admin"), agency=agency, until=last
        )
        Event.objects.filter(subject_type="sales.agency", subject_id=agency.pk, action="closed").delete()
        demo.happened(closing.closed_at, demo.people.get("admin"), "closed", agency)
        demo.counts["closed months"] = demo.counts.get("closed months", 0) + 1
        month = last + timedelta(days=1)


def _end(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
