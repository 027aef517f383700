"""Tracking of sales: revenue, people, offers, activities, against targets and against before (SPEC S10).

Every figure opens the rows that it counts, those of the periods that it is compared with too.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import Activity
from digiweb.charts import Bar, bars
from digiweb.periods import Period, last_day, month_before
from digiweb.sheets import Cell, Sheet
from digiweb.templatetags.digiweb import euros, number
from people.models import User
from people.services.target import Wanted
from sales.models import Offer
from sales.pipeline_figures import percent, short_euros
from sales.revenue import NOBODY, Revenue
from sales.selection import Selection
from sales.tracking_lines import Tracked, closed_in, inside
from sales.tracking_measures import compared, done_url, measures_of, percent_text

NOTHING = Wanted()


def figures_of(selection: Selection) -> dict[str, Any]:
    """Everything that the page draws."""
    tracked = Tracked(selection)
    names = names_of(tracked)
    people = by_person(tracked, names)
    done = activities_by_person(tracked, names)
    months = by_month(tracked)
    return {
        "measures": [compared(one, tracked) for one in measures_of(tracked)],
        "months": months,
        "series": [series_chart(tracked, series) for series, _lines in tracked.revenue],
        "people": people,
        "people_bars": person_bars(tracked, names),
        "offers": [by_offer(tracked, series) for series, _lines in tracked.revenue if series.offers],
        "done": done,
        "done_bars": done_bars(tracked, names),
    }


def sheets_of(figures: dict[str, Any]) -> list[Sheet]:
    """What the page's export holds."""
    found = [figures["months"], figures["people"], *(one["sheet"] for one in figures["offers"])]
    return [*found, figures["done"]] if figures["done"].rows else found


# --- Month by month


def by_month(tracked: Tracked) -> Sheet:
    """Revenue of each month, that of a year before, and what was wanted."""
    wanted = tracked.wanted_months
    head = [_("Month")]
    for series, _lines in tracked.revenue:
        head += [f"{series.label} (€)", _("a year before")]
    sheet = Sheet(_("Revenue by month"), [*head, _("Target")])
    totals = [Decimal(0)] * (len(head) - 1)
    for month in tracked.months:
        cells: list[Cell] = []
        for series, lines in tracked.revenue:
            for first in (month, month_before(month, 12)):
                one = Period("", first, last_day(first))
                amount = sum((line.amount for line in inside(lines, one)), Decimal(0))
                totals[len(cells)] += amount
                cells.append(Cell(amount, euros(amount), series.url(tracked.selection, one)))
        target = wanted.get(month, NOTHING).revenue
        sheet.rows.append(
            (date_format(month, "F Y"), [*cells, Cell(target, euros(target) if target else "–")])
        )
    goal = sum((one.revenue for one in wanted.values()), Decimal(0))
    foot = [Cell(total, euros(total)) for total in totals]
    sheet.foot = (_("Total"), [*foot, Cell(goal, euros(goal) if goal else "–")])
    return sheet


def series_chart(tracked: Tracked, series: Revenue) -> dict[str, Any]:
    """The months of one kind of revenue as bars that stand."""
    lines = {one.name: rows for one, rows in tracked.revenue}[series.name]
    amounts: dict[date, Decimal] = defaultdict(Decimal)
    counts: dict[date, int] = defaultdict(int)
    for line in lines:
        amounts[line.month] += line.amount
        counts[line.month] += line.number
    drawn = bars(
        Bar(
            date_format(month, "F Y"),
            amounts[month],
            short_euros(amounts[month]),
            series.url(tracked.selection, Period("", month, last_day(month))),
            f"{euros(amounts[month])}, {number(counts[month])}",
            date_format(month, "M")[:4],
        )
        for month in tracked.months
    )
    return {"label": series.label, "bars": drawn, "any": any(bar.value for bar in drawn)}


# --- Person by person


def names_of(tracked: Tracked) -> dict[int, str]:
    """The people who did anything in the period, or were to."""
    found = set(tracked.wanted_people) | {line.owner_id for line in inside(tracked.deals, tracked.period)}
    found |= {line.owner_id for line in inside(tracked.done, tracked.period)}
    found |= {pk for sums in tracked.sold.values() for pk in sums}
    names = {person.pk: str(person) for person in User.objects.filter(pk__in=found)}
    return {**names, **({NOBODY: _("Nobody")} if NOBODY in found else {})}


def by_person(tracked: Tracked, names: dict[int, str]) -> Sheet:
    """Who sold how much, how often, how fast, and of what target; most first."""
    selection, period = tracked.selection, tracked.period
    kinds = [series for series, _lines in tracked.revenue]
    head = [_("Salesperson"), *(f"{series.label} (€)" for series in kinds)]
    head += [_("Deals won"), _("Conversion"), _("Days until won"), _("Activities"), _("Target"), _("Reached")]
    sheet = Sheet(_("By salesperson"), head)
    for pk in ranked(tracked, names):
        closed = closed_in(line for line in inside(tracked.deals, period) if line.owner_id == pk)
        cells = []
        for series in kinds:
            _count, amount = tracked.sold[series.name].get(pk, (0, Decimal(0)))
            cells.append(Cell(amount, euros(amount), series.url(selection, period, owner=pk)))
        won = selection.rows("crm:deal_list", stage="won", **period.query("closed"), owner=pk)
        ended = selection.rows("crm:deal_list", state="closed", **period.query("closed"), owner=pk)
        done = sum(line.number for line in inside(tracked.done, period) if line.owner_id == pk)
        target = tracked.wanted_people.get(pk, NOTHING).revenue
        share = percent(closed.amount, target)
        someone = pk != NOBODY
        cells += [
            Cell(closed.won, number(closed.won), won if someone else ""),
            Cell(
                closed.rate,
                "–" if closed.rate is None else percent_text(closed.rate),
                ended if someone else "",
            ),
            Cell(closed.cycle, "–" if closed.cycle is None else number(closed.cycle), won if someone else ""),
            Cell(done, number(done), done_url(selection, period, owner=pk) if someone else ""),
            Cell(target, euros(target) if target else "–"),
            Cell(share, "–" if share is None else percent_text(share)),
        ]
        sheet.rows.append((names[pk], cells))
    return sheet


def ranked(tracked: Tracked, names: dict[int, str]) -> list[int]:
    """Those who sold most first; what belongs to nobody last."""
    first = next(iter(tracked.sold.values()), {})
    return sorted(names, key=lambda pk: (pk == NOBODY, -first.get(pk, (0, Decimal(0)))[1], names[pk]))


def person_bars(tracked: Tracked, names: dict[int, str]) -> list[dict[str, Any]]:
    """Each kind of revenue, person by person; the first three are the top performers."""
    drawn = []
    for series, _lines in tracked.revenue:
        sold = tracked.sold[series.name]
        order = sorted((pk for pk in sold if sold[pk][0] and pk in names), key=lambda pk: -sold[pk][1])
        rows = bars(
            Bar(
                names[pk],
                sold[pk][1],
                euros(sold[pk][1]),
                series.url(tracked.selection, tracked.period, owner=pk),
                number(sold[pk][0]),
            )
            for pk in order
        )
        drawn.append({"label": series.label, "bars": rows})
    return drawn


# --- Offer by offer


def by_offer(tracked: Tracked, series: Revenue) -> dict[str, Any]:
    """What was sold most first; what names no offer last."""
    lines = next(rows for one, rows in tracked.revenue if one.name == series.name)
    sums: dict[int, list[Any]] = defaultdict(lambda: [0, Decimal(0)])
    for line in inside(lines, tracked.period):
        sums[line.offer_id][0] += line.number
        sums[line.offer_id][1] += line.amount
    names = {offer.pk: offer.name for offer in Offer.objects.filter(pk__in=sums)}
    sheet = Sheet(
        _("%(series)s by offer") % {"series": series.label},
        [_("Offer"), _("Number"), _("Amount"), _("Share")],
    )
    whole = sum((amount for _count, amount in sums.values()), Decimal(0))
    rows = []
    for pk, (count, amount) in sorted(sums.items(), key=lambda one: (one[0] == NOBODY, -one[1][1])):
        name = names.get(pk) or _("Without an offer")
        url = series.url(tracked.selection, tracked.period, offer=pk)
        share = percent(amount, whole)
        told = "–" if share is None else percent_text(share)
        sheet.rows.append(
            (name, [Cell(count, number(count), url), Cell(amount, euros(amount), url), Cell(share, told)])
        )
        rows.append(Bar(name, amount, euros(amount), url, told))
    return {"sheet": sheet, "bars": bars(rows)}


# --- Activities


def activities_by_person(tracked: Tracked, names: dict[int, str]) -> Sheet:
    """How many activities of each kind everybody did, most first."""
    period, selection = tracked.period, tracked.selection
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in inside(tracked.done, period):
        sums[line.owner_id][line.kind] += line.number
    kinds: Sequence[tuple[str, Any]] = Activity.Kind.choices
    sheet = Sheet(
        _("Activities by salesperson"),
        [_("Salesperson"), *(str(label) for _kind, label in kinds), _("Total")],
    )
    for pk in sorted((pk for pk in sums if pk in names), key=lambda pk: -sum(sums[pk].values())):
        cells = [
            Cell(sums[pk][kind], number(sums[pk][kind]), done_url(selection, period, owner=pk, kind=kind))
            for kind, _label in kinds
        ]
        total = sum(sums[pk].values())
        cells.append(Cell(total, number(total), done_url(selection, period, owner=pk)))
        sheet.rows.append((names[pk], cells))
    return sheet


def done_bars(tracked: Tracked, names: dict[int, str]) -> list[Bar]:
    sums: dict[int, int] = defaultdict(int)
    for line in inside(tracked.done, tracked.period):
        sums[line.owner_id] += line.number
    order = sorted((pk for pk in sums if pk in names), key=lambda pk: -sums[pk])
    return bars(
        Bar(
            names[pk],
            Decimal(sums[pk]),
            number(sums[pk]),
            done_url(tracked.selection, tracked.period, owner=pk),
        )
        for pk in order
    )
