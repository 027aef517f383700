"""What the tracking of sales adds up: the lines of the roll-ups, read once for all periods compared."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from crm.models import Activity, ActivityMonth, Deal, DealMonth
from crm.models.deal_total import EVERY_SOURCE
from digiweb.periods import Period, last_day, month_before
from people.services.target import Wanted, targets_by
from sales.pipeline_figures import Closed
from sales.revenue import Line, Revenue, revenue_for
from sales.selection import Selection

YEAR = 12


class DealLine(NamedTuple):
    """Deals of one person in one month: added, won or lost (`kind`)."""

    owner_id: int
    month: date
    kind: str
    number: int
    amount: Decimal
    days: int


class DoneLine(NamedTuple):
    """Activities of one kind that one person did in one month."""

    owner_id: int
    month: date
    kind: str
    number: int


def inside(lines: Iterable[Any], period: Period) -> list[Any]:
    return [line for line in lines if period.start <= line.month <= period.end]


def closed_in(lines: Iterable[DealLine]) -> Closed:
    """The deals won and lost among these lines."""
    closed = Closed()
    for line in lines:
        if line.kind == "won":
            closed.won += line.number
            closed.amount += line.amount
            closed.days += line.days
        elif line.kind == "lost":
            closed.lost += line.number
    return closed


@dataclass
class Tracked:
    """The lines of a selection, from the earliest month compared to the last of the period."""

    selection: Selection

    @property
    def period(self) -> Period:
        return self.selection.period

    @cached_property
    def months(self) -> list[date]:
        """The months that charts show: a year at least, up to the end of the period."""
        months = self.period.months
        return (
            months
            if len(months) >= YEAR
            else [month_before(self.period.end, YEAR - 1 - n) for n in range(YEAR)]
        )

    @cached_property
    def start(self) -> date:
        """The first month that is told of: a year before the first that is shown."""
        return min(self.period.before.start, month_before(self.months[0], YEAR))

    @cached_property
    def others(self) -> list[Period]:
        """What the period is compared with: as long before, and a year before, which may be the same."""
        found = [self.period.before]
        if self.period.year_before.start != found[0].start:
            found.append(self.period.year_before)
        return found

    @cached_property
    def deals(self) -> list[DealLine]:
        lines = DealMonth.objects.filter(
            source=EVERY_SOURCE, month__gte=self.start, month__lte=self.period.end
        )
        rows = self.selection.narrow(lines).values_list(
            "owner_id", "month", "kind", "count", "amount", "days"
        )
        return [DealLine(*row) for row in rows]

    @cached_property
    def revenue(self) -> list[tuple[Revenue, list[Line]]]:
        """The lines of each kind of revenue that the person may see."""
        return [
            (series, list(series.lines(self.selection, self.start, self.period.end)))
            for series in revenue_for(self.selection.user)
        ]

    @cached_property
    def done(self) -> list[DoneLine]:
        if not self.selection.user.can(Activity.module, "view"):
            return []
        lines = ActivityMonth.objects.filter(month__gte=self.start, month__lte=self.period.end, count__gt=0)
        narrowed = self.selection.narrow(lines, Activity.module)
        return [DoneLine(*row) for row in narrowed.values_list("owner_id", "month", "kind", "count")]

    @cached_property
    def wanted_months(self) -> dict[date, Wanted]:
        """The targets of the months that are shown."""
        people = self.selection.within(Deal.module)
        return targets_by("month", people, self.months[0], last_day(self.months[-1]))

    @cached_property
    def wanted_people(self) -> dict[int, Wanted]:
        """Each person's target for the period."""
        people = self.selection.within(Deal.module)
        return targets_by("user_id", people, self.period.start, self.period.end)

    @cached_property
    def sold(self) -> dict[str, dict[int, tuple[int, Decimal]]]:
        """{series: {person: (number, amount)}} of the period."""
        found: dict[str, dict[int, tuple[int, Decimal]]] = {}
        for series, lines in self.revenue:
            sums: dict[int, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
            for line in inside(lines, self.period):
                count, amount = sums[line.owner_id]
                sums[line.owner_id] = (count + line.number, amount + line.amount)
            found[series.name] = dict(sums)
        return found
