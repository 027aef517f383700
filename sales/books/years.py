"""Fiscal years: twelve months from the month in which an agency begins its year."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class FiscalYear:
    """A fiscal year, named by the calendar year in which it ends."""

    year: int
    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def following(self) -> "FiscalYear":
        return fiscal_year(self.year + 1, self.first.month)

    @property
    def previous(self) -> "FiscalYear":
        return fiscal_year(self.year - 1, self.first.month)


def fiscal_year(year: int, month: int) -> FiscalYear:
    """The one that ends in `year` and begins in `month` (of the year before, unless that is January)."""
    first = date(year if month == 1 else year - 1, month, 1)
    last = date(first.year + 1, first.month, 1) - timedelta(days=1)
    return FiscalYear(year, first, last)


def fiscal_year_of(day: date, month: int) -> FiscalYear:
    """The one that a day is in."""
    return fiscal_year(day.year if day.month < month or month == 1 else day.year + 1, month)
