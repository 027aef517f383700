"""Figures of the whole of a selection, each beside what it was before (SPEC S10)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from crm.models import Activity, Deal
from digiweb.periods import Period
from digiweb.templatetags.digiweb import euros, number
from sales.revenue import Line, Revenue
from sales.selection import Selection
from sales.tracking_lines import Tracked, closed_in, inside


@dataclass(frozen=True)
class Measure:
    """A figure of a period: its value (None where there is none), how it is written, where its rows are."""

    name: str
    label: Any
    icon: str
    value: Callable[[Period], Any]
    text: Callable[[Any], str]
    url: Callable[[Period], str]
    # Whether less is better, and whether it is compared in points instead of percent.
    less: bool = False
    points: bool = False


def measures_of(tracked: Tracked) -> list[Measure]:
    selection = tracked.selection
    revenue = [revenue_measure(selection, series, lines) for series, lines in tracked.revenue]

    def closed(period: Period) -> Any:
        return closed_in(inside(tracked.deals, period))

    def won(period: Period) -> str:
        return selection.rows("crm:deal_list", stage="won", **period.query("closed"))

    def added(period: Period) -> int:
        return sum(one.number for one in inside(tracked.deals, period) if one.kind == "created")

    deals = [
        Measure("count", _("deals won"), "trophy", lambda period: closed(period).won, number, won),
        Measure(
            "rate",
            _("conversion rate"),
            "percentage",
            lambda period: closed(period).rate,
            percent_text,
            lambda period: selection.rows("crm:deal_list", state="closed", **period.query("closed")),
            points=True,
        ),
        Measure(
            "average",
            _("a deal won, on average"),
            "scale",
            lambda period: average(closed(period)),
            euros,
            won,
        ),
        Measure(
            "cycle",
            _("days until a deal is won, on average"),
            "hourglass",
            lambda period: closed(period).cycle,
            number,
            won,
            less=True,
        ),
        Measure(
            "added",
            _("deals added"),
            "briefcase",
            added,
            number,
            lambda period: selection.rows("crm:deal_list", **period.query("created")),
        ),
    ]
    done = Measure(
        "done",
        _("activities done"),
        "calendar-check",
        lambda period: sum(one.number for one in inside(tracked.done, period)),
        number,
        lambda period: done_url(selection, period),
    )
    may_see = selection.user.can
    return [
        *revenue,
        *(deals if may_see(Deal.module, "view") else []),
        *([done] if may_see(Activity.module, "view") else []),
    ]


def revenue_measure(selection: Selection, series: Revenue, lines: Sequence[Line]) -> Measure:
    """What one kind of revenue came to."""

    def amount(period: Period) -> Decimal:
        return sum((one.amount for one in inside(lines, period)), Decimal(0))

    def url(period: Period) -> str:
        return series.url(selection, period)

    return Measure(series.name, series.label, "coin-euro", amount, euros, url)


def average(closed: Any) -> Decimal | None:
    return closed.amount / closed.won if closed.won else None


def compared(measure: Measure, tracked: Tracked) -> dict[str, Any]:
    """The measure of the period, beside that of the months before and of a year before."""
    period = tracked.period
    now = measure.value(period)
    return {
        "name": measure.name,
        "label": measure.label,
        "icon": measure.icon,
        "value": now,
        "text": said(measure, now),
        "url": measure.url(period),
        "others": [
            {
                "label": other.text,
                "value": value,
                "text": said(measure, value),
                "url": measure.url(other),
                **trend(now, value, less=measure.less, points=measure.points),
            }
            for other in tracked.others
            for value in (measure.value(other),)
        ],
    }


def said(measure: Measure, value: Any) -> str:
    return "–" if value is None else measure.text(value)


def trend(now: Any, before: Any, *, less: bool = False, points: bool = False) -> dict[str, str]:
    """How `now` compares: in words, and whether that is up, down or neither; nothing where it cannot be."""
    if now is None or before is None or (not before and not points):
        return {"change": "", "way": "", "tone": ""}
    difference = now - before
    rounded = round(difference if points else difference * 100 / before)
    text = number(abs(rounded))
    sign = "+" if rounded > 0 else "\u2212" if rounded < 0 else ""
    told = _("%(n)s pt") % {"n": text} if points else f"{text}\u00a0%"
    way = "up" if rounded > 0 else "down" if rounded < 0 else "flat"
    good = {"up": "down", "down": "up"}.get(way, way) if less else way
    return {"change": f"{sign}{told}", "way": way, "tone": good}


def percent_text(value: Any) -> str:
    return f"{value}\u00a0%"


def done_url(selection: Selection, period: Period, *, owner: int | None = None, kind: str = "") -> str:
    """The activities done in a period."""
    asked: dict[str, Any] = {} if owner is None else {"owner": owner}
    if kind:
        asked["kind"] = kind
    return selection.rows("crm:activity_list", status="done", **period.query("done"), **asked)
