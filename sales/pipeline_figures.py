"""The pipeline in figures; every one of them opens the deals that it counts (SPEC S1, N9).

All but stale deals, of which there are few, is read from roll-ups (crm/services/deal_totals.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Deal, DealForecast, DealFunnel, DealMonth
from crm.models.deal import NO_DATE
from crm.services.deal_step import stale_before, stale_days
from crm.services.deal_totals import MOST_PUT_OFF
from crm.tables.deal import quiet_text, stage_label
from digiweb.charts import Bar, bars
from digiweb.paging import Sort, capped_count, fetch_in_order, keyset_page
from digiweb.periods import last_day, month_query, months_from
from digiweb.templatetags.digiweb import euros, number
from people.services.target import Wanted, targets_between
from sales.selection import Selection

AHEAD = 12
SHOWN = 6
NO_MONTH = NO_DATE.replace(day=1)
QUIET = Sort("quiet", "", ("last_activity_at", "id"))


@dataclass
class Sums:
    """Deals: how many, what they are worth, what that is by probability, and where they are listed."""

    label: Any = ""
    url: str = ""
    count: int = 0
    amount: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)
    # Said beside, such as a share; and what it is called where there is little room.
    note: str = ""
    short: str = ""
    # Of a stage of the funnel: the deals that were lost there, and of a hundred that came to the stage
    # before, how many came here.
    lost: "Sums | None" = None
    share: int | None = None

    def add(self, count: int, amount: Decimal, weighted: Decimal = Decimal(0)) -> None:
        self.count += count
        self.amount += amount
        self.weighted += weighted


@dataclass
class Closed:
    """Deals that were won and lost in a period."""

    won: int = 0
    lost: int = 0
    amount: Decimal = Decimal(0)
    # Of those won, the days from their first to their last.
    days: int = 0

    @property
    def closed(self) -> int:
        return self.won + self.lost

    @property
    def rate(self) -> int | None:
        """Of a hundred deals that ended, how many were won."""
        return round(self.won * 100 / self.closed) if self.closed else None

    @property
    def cycle(self) -> int | None:
        """How many days a deal took until it was won, on average."""
        return round(self.days / self.won) if self.won else None


def percent(part: Any, whole: Any) -> int | None:
    return round(part * 100 / whole) if whole else None


def progress(reached: Any, wanted: Any) -> dict[str, int]:
    """How much of what is wanted is reached, in percent, and how far a bar of it is drawn."""
    share = percent(reached, wanted) or 0
    return {"percent": share, "shown": min(share, 100)}


def pipeline_of(selection: Selection) -> dict[str, Any]:
    """Everything that the page draws."""
    running = open_deals(selection)
    stages, months, put_off = (
        by_stage(selection, running),
        by_month(selection, running),
        by_put_off(selection, running),
    )
    total = Sums(_("In progress"), selection.deals(state="open"))
    for stage in stages:
        total.add(stage.count, stage.amount, stage.weighted)
    funnel, closed, goal = funnel_of(selection), closed_deals(selection), goal_of(selection)
    return {
        "total": total,
        "stages": stages,
        "stage_bars": bars(
            Bar(one.label, one.amount, euros(one.amount), one.url, count_text(one.count)) for one in stages
        ),
        "closed": closed,
        "goal": goal,
        "goal_percent": progress(closed["sums"].amount, goal.revenue),
        "funnel": funnel,
        "funnel_bars": funnel_bars(funnel),
        "months": months,
        "month_bars": bars(
            Bar(one.label, one.weighted, short_euros(one.weighted), one.url, count_text(one.count), one.short)
            for one in months
        ),
        "put_off": put_off,
        "stale": stale_deals(selection),
    }


# --- Deals in progress

Line = tuple[int, Decimal, Decimal]
Running = Sequence[tuple[str, date, int, Line]]


def open_deals(selection: Selection) -> Running:
    """[(stage, month expected, times put off, (count, amount, weighted))], from the roll-up."""
    lines = selection.narrow(DealForecast.objects.filter(source=selection.source_line))
    keys = ("stage", "month", "put_off")
    sums = (Sum("count"), Sum("amount"), Sum("weighted"))
    rows = lines.order_by().values_list(*keys).annotate(*sums)
    return [
        (stage, month, put_off, (count, amount, weighted))
        for stage, month, put_off, count, amount, weighted in rows
    ]


def by_stage(selection: Selection, running: Running) -> list[Sums]:
    found = {str(stage): Sums(stage_label(stage), selection.deals(stage=str(stage))) for stage in Deal.OPEN}
    for stage, _month, _put_off, sums in running:
        found[stage].add(*sums)
    return list(found.values())


def by_month(selection: Selection, running: Running) -> list[Sums]:
    """What is expected month by month: what should have closed before, the months ahead, what has no date."""
    this = timezone.localdate().replace(day=1)
    months = list(months_from(this, AHEAD))
    before = last_day(this - timedelta(1))
    later = last_day(months[-1]) + timedelta(1)
    late = Sums(
        _("Before %(month)s") % {"month": date_format(this, "F Y")},
        selection.deals(state="open", expected_before=before.isoformat()),
        short=_("late"),
    )
    ahead = {
        month: Sums(
            date_format(month, "F Y"),
            selection.deals(state="open", **month_query("expected", month)),
            short=date_format(month, "M")[:4],
        )
        for month in months
    }
    after = Sums(
        _("Later"), selection.deals(state="open", expected_after=later.isoformat()), short=_("later")
    )
    undated = Sums(_("Without a date"), selection.deals(undated="yes"), short=_("no date"))
    for _stage, month, _put_off, sums in running:
        if month == NO_MONTH:
            undated.add(*sums)
        elif month < this:
            late.add(*sums)
        else:
            ahead.get(month, after).add(*sums)
    return [*([late] if late.count else []), *ahead.values(), *(one for one in (after, undated) if one.count)]


def by_put_off(selection: Selection, running: Running) -> list[Sums]:
    """Deals whose closing date was pushed back at least once, twice, three times."""
    found = []
    for times in range(1, MOST_PUT_OFF + 1):
        label = ngettext("at least %(n)s time", "at least %(n)s times", times) % {"n": times}
        sums = Sums(label, selection.deals(state="open", postponed=times))
        for _stage, _month, put_off, line in running:
            if put_off >= times:
                sums.add(*line)
        found.append(sums)
    return found


# --- From stage to stage


def funnel_of(selection: Selection) -> list[Sums]:
    """Of the deals added in the period, how many came at least to each stage, and how many were won."""
    period = selection.period
    lines = selection.narrow(
        DealFunnel.objects.filter(
            source=selection.source_line, month__gte=period.start, month__lte=period.end
        )
    )
    added = period.query("created")
    steps = [Sums(stage_label(stage), selection.deals(reached=str(stage), **added)) for stage in Deal.OPEN]
    won = Sums(stage_label("won"), selection.deals(stage="won", **added))
    lost: dict[int, Sums] = {
        Deal.RANK[stage]: Sums("", selection.deals(stage="lost", stopped=str(stage), **added))
        for stage in Deal.OPEN
    }
    found = lines.order_by().values_list("furthest", "outcome").annotate(Sum("count"), Sum("amount"))
    for furthest, outcome, count, amount in found:
        for step in steps[:furthest]:
            step.add(count, amount)
        if outcome == "won":
            won.add(count, amount)
        elif outcome == "lost":
            lost[furthest].add(count, amount)
    steps.append(won)
    for before, step in pairwise(steps):
        step.share = percent(step.count, before.count)
        if step.share is not None:
            step.note = _("%(percent)s %% of the stage before") % {"percent": step.share}
    for place, step in enumerate(steps[:-1], start=1):
        step.lost = lost[place]
    return steps


def funnel_bars(steps: Sequence[Sums]) -> list[dict[str, Any]]:
    """The stages as bars that stand in the middle, narrower from one to the next."""
    drawn = bars(Bar(one.label, Decimal(one.count), number(one.count), one.url, one.note) for one in steps)
    return [
        {
            "label": bar.label,
            "url": bar.url,
            "text": bar.text,
            "note": bar.note,
            "percent": bar.percent,
            "left": f"{(100 - Decimal(bar.percent)) / 2:.1f}",
        }
        for bar in drawn
    ]


def closed_deals(selection: Selection) -> dict[str, Any]:
    """Deals won and lost in the period, and how likely a deal that ends was won."""
    period = selection.period
    closed = sums_of_closed(
        selection.narrow(
            DealMonth.objects.filter(
                source=selection.source_line, month__gte=period.start, month__lte=period.end
            )
        )
    )
    return {
        "sums": closed,
        "won_url": selection.deals(stage="won", **period.query("closed")),
        "lost_url": selection.deals(stage="lost", **period.query("closed")),
        "closed_url": selection.deals(state="closed", **period.query("closed")),
    }


def sums_of_closed(lines: QuerySet) -> Closed:
    """Of lines of DealMonth."""
    closed = Closed()
    rows = lines.filter(kind__in=("won", "lost")).order_by().values_list("kind")
    for kind, count, amount, days in rows.annotate(Sum("count"), Sum("amount"), Sum("days")):
        if kind == "won":
            closed.won, closed.amount, closed.days = count, amount, days
        else:
            closed.lost = count
    return closed


def goal_of(selection: Selection) -> Wanted:
    """What these people are to reach in the period."""
    return targets_between(selection.within(Deal.module), selection.period.start, selection.period.end)


# --- Stale


def stale_deals(selection: Selection) -> dict[str, Any]:
    """Deals on which nothing was done for longer than their stage allows; those quiet longest by name."""
    deals = Deal.objects.visible_to(selection.user)
    if selection.people is not None:
        deals = deals.filter(owner__in=selection.people)
    if selection.source:
        deals = deals.filter(source__same=selection.source)
    days = stale_days()
    stages: list[dict[str, Any]] = []
    quiet: list[QuerySet] = []
    for stage in map(str, Deal.OPEN):
        stale = deals.filter(stage=stage, last_activity_at__lt=stale_before(days[stage]))
        count, capped = capped_count(stale)
        note = ngettext("nothing for %(n)s day", "nothing for %(n)s days", days[stage]) % {"n": days[stage]}
        sums = Sums(stage_label(stage), selection.deals(stage=stage, stale="yes"), count, note=note)
        stages.append({"sums": sums, "capped": capped})
        quiet.append(stale)
    known = sum(one["sums"].count for one in stages)
    page = keyset_page(quiet, QUIET, size=SHOWN, rows=known)
    now = timezone.now()
    longest: list[Any] = fetch_in_order(deals.select_related("company", "owner"), page.ids)
    return {
        "stages": stages,
        "count": known,
        "capped": any(one["capped"] for one in stages),
        "url": selection.deals(stale="yes"),
        "longest": [
            {"deal": deal, "quiet": quiet_text(deal, now), "amount": euros(deal.amount)} for deal in longest
        ],
        "rules_url": reverse("crm:stage_rules") if selection.user.can("crm.stagerule", "view") else "",
    }


# --- Words


def count_text(count: int) -> str:
    return ngettext("%(n)s deal", "%(n)s deals", count) % {"n": number(count)}


def short_euros(amount: Decimal) -> str:
    """« 12 k€ »: where there is room for a few letters."""
    if abs(amount) < 1_000:
        return f"{number(amount, 0)}\u00a0€"
    if abs(amount) < 1_000_000:
        return f"{number(amount / 1_000, 0)}\u00a0k€"
    return f"{number(amount / 1_000_000, 1)}\u00a0M€"
