"""Penalties for late payment, to the day and to the cent (Code de commerce, article L. 441-10, II).

Pure: what was left to pay from which day on, and the rate of a day, come from the caller.

- They run from the day after the due date, to the day that is asked for, both included.
- The rate of a half-year is the one in force on its first day (1 January, 1 July).
- A year has 365 days, also a leap year.
- What was paid on a day counts as paid on that day.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
NOUGHT = Decimal("0.00")
YEAR = 365
DAY = timedelta(days=1)
# Article D. 441-5: a fixed sum for each invoice that is paid late, between firms.
INDEMNITY = Decimal("40.00")
# What is added to the rate of the European Central Bank, and how often the legal interest is taken.
POINTS, TIMES = Decimal(10), Decimal(3)


@dataclass(frozen=True)
class Span:
    """Days, both included, on which the same was left at the same rate; `amount` in cents."""

    start: date
    end: date
    left: Decimal
    percent: Decimal

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def amount(self) -> Decimal:
        exact = self.left * self.percent * self.days / (100 * YEAR)
        return exact.quantize(CENT, ROUND_HALF_UP)


def half_year(day: date) -> date:
    """The first day of the half-year of `day`."""
    return date(day.year, 1 if day.month < 7 else 7, 1)


def next_half_year(day: date) -> date:
    """The first day of the half-year after that of `day`."""
    return date(day.year, 7, 1) if day.month < 7 else date(day.year + 1, 1, 1)


def spans(
    owed: Decimal,
    received: Iterable[tuple[date, Decimal]],
    *,
    due: date,
    until: date,
    rate: Callable[[date], Decimal],
) -> list[Span]:
    """The spans from the day after `due` to `until`; days on which nothing was left are in none.

    `owed`: what was to pay on the due date (€). `received`: (day, amount) of what came in since, or went back
    (below nought). `rate` is asked for the percent a year of the first day of a half-year.
    """
    moves = sorted(received)
    found = []
    for start, end in _pieces({day for day, _amount in moves}, due + DAY, until):
        left = owed - sum((amount for day, amount in moves if day <= start), NOUGHT)
        if left > 0:
            found.append(Span(start, end, left, rate(half_year(start))))
    return found


def _pieces(moves: set[date], start: date, until: date) -> Iterator[tuple[date, date]]:
    """Stretches of days within which neither a rate nor what is left changes."""
    while start <= until:
        cuts = [next_half_year(start), until + DAY, *(day for day in moves if day > start)]
        cut = min(cuts)
        yield start, cut - DAY
        start = cut


def total(found: Iterable[Span]) -> Decimal:
    """What spans come to: the sum of what is printed of each."""
    return sum((span.amount for span in found), NOUGHT)
