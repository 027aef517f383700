"""Periods of whole months, by which figures are told and compared."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

PERIODS: tuple[tuple[str, Any], ...] = (
    ("month", gettext_lazy("This month")),
    ("last-month", gettext_lazy("Last month")),
    ("quarter", gettext_lazy("This quarter")),
    ("last-quarter", gettext_lazy("Last quarter")),
    ("year", gettext_lazy("This year")),
    ("last-year", gettext_lazy("Last year")),
    ("12m", gettext_lazy("12 months")),
)


@dataclass(frozen=True)
class Period:
    """Whole months, the first and the last day of which are given."""

    name: str
    start: date
    end: date

    def query(self, field: str) -> dict[str, str]:
        """What a list's filter by two days is given: `field` between the first and the last day."""
        return {f"{field}_after": self.start.isoformat(), f"{field}_before": self.end.isoformat()}

    @property
    def text(self) -> str:
        """« déc. 2025 – nov. 2026 »."""
        first, last = date_format(self.start, "N Y"), date_format(self.end, "N Y")
        return first if first == last else f"{first} – {last}"

    @property
    def months(self) -> list[date]:
        """The first days of its months."""
        found, month = [], self.start
        while month <= self.end:
            found.append(month)
            month = next_month(month)
        return found

    @property
    def before(self) -> "Period":
        """As many months, just before."""
        start = month_before(self.start, len(self.months))
        return Period("", start, self.start - timedelta(1))

    @property
    def year_before(self) -> "Period":
        """The same months a year earlier."""
        start = month_before(self.start, 12)
        return Period("", start, last_day(month_before(self.end, 12)))


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def month_before(day: date, months: int) -> date:
    """The first day of the month `months` before that of `day`."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def last_day(day: date) -> date:
    """The last day of the month of `day`."""
    return next_month(day) - timedelta(1)


def month_query(field: str, month: date) -> dict[str, str]:
    """What a list's filter by two days is given for one month."""
    return Period("", month, last_day(month)).query(field)


def period_named(name: str, today: date | None = None) -> Period:
    """The period of this name; the last twelve months for a name that there is not."""
    today = today or timezone.localdate()
    this = today.replace(day=1)
    quarter = month_before(this, (this.month - 1) % 3)
    starts = {
        "month": (this, this),
        "last-month": (month_before(this, 1),) * 2,
        "quarter": (quarter, month_before(quarter, -2)),
        "last-quarter": (month_before(quarter, 3), month_before(quarter, 1)),
        "year": (date(this.year, 1, 1), date(this.year, 12, 1)),
        "last-year": (date(this.year - 1, 1, 1), date(this.year - 1, 12, 1)),
    }
    if name not in starts:
        return Period("12m", month_before(this, 11), last_day(this))
    first, last = starts[name]
    return Period(name, first, last_day(last))


def months_from(start: date, count: int) -> Iterable[date]:
    """`count` months, `start` first."""
    return [month_before(start, -number) for number in range(count)]
