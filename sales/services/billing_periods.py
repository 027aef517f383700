"""Periods of recurring invoices, and what of a price falls on some days. Pure, always `Decimal`.

The rule (docs/invoicing.md): a period's price is spread over its days. What falls on its first n days is
`price × n / days`, rounded to the cent; what falls on days a to b is the difference of two of these. So parts
that follow each other add up to the whole to the cent, wherever they are cut. A month has its own 28 to 31
days, a quarter and a year those that they have.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sales.amounts import to_cent

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """Some days one after the other, the first and the last included."""

    start: date
    end: date

    @property
    def count(self) -> int:
        return (self.end - self.start).days + 1

    def common(self, start: date | None, end: date | None) -> "Days | None":
        """Those that lie between two days too; an open end has no bound."""
        first = self.start if start is None else max(self.start, start)
        last = self.end if end is None else min(self.end, end)
        return Days(first, last) if first <= last else None


@dataclass(frozen=True)
class Charge:
    """Something with a price for a whole period of some months, due on some days."""

    label: str
    months: int
    price: Decimal
    vat_rate: Decimal
    start: date | None = None
    end: date | None = None
    offer: int | None = None
    # What is asked for several times, as the invoice shows it.
    quantity: Decimal = Decimal(1)


def add_months(day: date, months: int, anchor: int | None = None) -> date:
    """So many months later, on `anchor` (the same day of the month), or the last day of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    return on_day(day.year + years, month + 1, anchor or day.day)


def on_day(year: int, month: int, day: int) -> date:
    """That day of a month; the last one where the month is shorter."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def period_of(day: date, months: int, anchor: date) -> Days:
    """The period in which `day` lies. Months are those of the calendar; quarters and years begin on the day
    of the month on which the plan did (`anchor`), and count from it.
    """
    if months == 1:
        return Days(day.replace(day=1), on_day(day.year, day.month, 31))
    passed = (day.year - anchor.year) * 12 + day.month - anchor.month
    turn = passed // months
    while add_months(anchor, turn * months) > day:
        turn -= 1
    while add_months(anchor, (turn + 1) * months) <= day:
        turn += 1
    return Days(add_months(anchor, turn * months), add_months(anchor, (turn + 1) * months) - DAY)


def part_of(price: Decimal, whole: Days, part: Days) -> Decimal:
    """What of the price of a whole period falls on some of its days, to the cent."""
    before = (part.start - whole.start).days
    return _until(price, whole, before + part.count) - _until(price, whole, before)


def _until(price: Decimal, whole: Days, days: int) -> Decimal:
    return to_cent(price * days / whole.count)


def price_of(charge: Charge, months: int, period: Days, anchor: date) -> Decimal:
    """The price of a whole period of `months` months, of a charge that may be asked by others.

    A yearly price is spread over the periods of its year by the same rule: twelve months are a year, to the
    cent.
    """
    if charge.months <= months:
        return to_cent(charge.price * months / charge.months)
    if months == 1:
        turn = (period.start.month - anchor.month) % charge.months
    else:
        passed = (period.start.year - anchor.year) * 12 + period.start.month - anchor.month
        turn = passed % charge.months
    done, more = (
        to_cent(charge.price * turn / charge.months),
        to_cent(charge.price * (turn + months) / charge.months),
    )
    return more - done


def without(days: Days, gaps: Iterable[tuple[date, date | None]]) -> list[Days]:
    """`days` less some gaps, in their order."""
    left = [days]
    for start, end in gaps:
        after: list[Days] = []
        for each in left:
            hit = each.common(start, end)
            if hit is None:
                after.append(each)
                continue
            if each.start < hit.start:
                after.append(Days(each.start, hit.start - DAY))
            if hit.end < each.end:
                after.append(Days(hit.end + DAY, each.end))
        left = after
    return left


def due_parts(
    charge: Charge, *, months: int, period: Days, asked: Days, anchor: date,
    gaps: Sequence[tuple[date, date | None]] = (),
) -> list[tuple[Days, Decimal]]:  # fmt: skip
    """The days of `asked` (within `period`) on which a charge is due, each stretch with its amount."""
    common = asked.common(charge.start, charge.end)
    if common is None:
        return []
    whole = price_of(charge, months, period, anchor)
    return [(part, part_of(whole, period, part)) for part in without(common, gaps)]


def invoice_day(asked: Days, period: Days, day: int, *, in_advance: bool) -> date:
    """When the invoice of a period is made: in advance on the day of its first month, and never before its
    first day; in arrears on the first such day after its end.
    """
    if in_advance:
        return max(on_day(period.start.year, period.start.month, day), asked.start)
    found = on_day(asked.end.year, asked.end.month, day)
    return found if found > asked.end else add_months(asked.end.replace(day=1), 1, day)
