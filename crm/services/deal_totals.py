"""Keeping the sums of deals as deals change (crm/models/deal_total.py)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, F, QuerySet, Sum
from django.utils import timezone

from crm.models import Deal, DealForecast, DealFunnel, DealMonth, DealTotal
from crm.models.deal import NO_DATE
from crm.models.deal_total import EVERY_SOURCE
from digiweb.fulltext import fold
from digiweb.inserts import add_to_lines
from digiweb.querysets import people_in, reach_of

BATCH = 5_000
TOTAL, MONTH = DealTotal._meta.label, DealMonth._meta.label
FORECAST, FUNNEL = DealForecast._meta.label, DealFunnel._meta.label
# {table: (model, columns of the key, columns of the sums)}
TABLES: dict[str, tuple[Any, tuple[str, ...], tuple[str, ...]]] = {
    TOTAL: (DealTotal, ("owner_id", "stage"), ("count", "amount", "weighted")),
    MONTH: (DealMonth, ("source", "owner_id", "month", "kind"), ("count", "amount", "days")),
    FORECAST: (
        DealForecast,
        ("source", "owner_id", "stage", "month", "put_off"),
        ("count", "amount", "weighted"),
    ),
    FUNNEL: (DealFunnel, ("source", "owner_id", "month", "furthest", "outcome"), ("count", "amount")),
}
# Deals that were put off more often count among those that were so many times.
MOST_PUT_OFF = 3
Lines = dict[tuple[Any, ...], list[Any]]


class Figures(NamedTuple):
    """What the sums take from a deal: kept before a change, compared after it."""

    owner_id: int
    stage: str
    amount: Decimal
    weighted: Decimal
    created_on: date
    closed_on: date | None
    expected_on: date | None = None
    put_off: int = 0
    furthest: int = 1
    source: str = ""


def figures_of(deal: Deal) -> Figures:
    return Figures(
        deal.owner_id,
        str(deal.stage),
        Decimal(deal.amount),
        deal.weighted,
        timezone.localtime(deal.created_at).date(),
        deal.closed_on,
        deal.expected_on,
        deal.postponed_count,
        deal.furthest,
        source_key(deal.source),
    )


def source_key(source: str) -> str:
    """What sources that the database holds for equal have in common (no case, no accents)."""
    return fold(source).replace(EVERY_SOURCE, "").strip()[:60]


def lines_of(figures: Iterable[Figures], sign: int = 1, into: Lines | None = None) -> Lines:
    """{(table, key …): what to add to its columns} for deals that come (or go, with sign -1)."""
    lines: Lines = into if into is not None else defaultdict(lambda: [0, Decimal(0), 0])
    for one in figures:
        amount, weighted = sign * one.amount, sign * one.weighted
        _add(lines, (TOTAL, one.owner_id, one.stage), sign, amount, weighted)
        created = one.created_on.replace(day=1)
        going = one.stage not in Deal.CLOSED
        outcome = "open" if going else one.stage
        expected = (one.expected_on or NO_DATE).replace(day=1)
        put_off = min(one.put_off, MOST_PUT_OFF)
        for source in (EVERY_SOURCE, one.source):
            owned = (source, one.owner_id)
            _add(lines, (MONTH, *owned, created, "created"), sign, amount, 0)
            _add(lines, (FUNNEL, *owned, created, one.furthest, outcome), sign, amount, 0)
            if going:
                _add(lines, (FORECAST, *owned, one.stage, expected, put_off), sign, amount, weighted)
            elif one.closed_on:
                days = max((one.closed_on - one.created_on).days, 0)
                closed = one.closed_on.replace(day=1)
                _add(lines, (MONTH, *owned, closed, one.stage), sign, amount, sign * days)
    return lines


def _add(lines: Lines, key: tuple[Any, ...], count: int, amount: Decimal, more: Any) -> None:
    line = lines[key]
    line[0] += count
    line[1] += amount
    line[2] += more


def adjust_totals(before: Iterable[Figures], after: Iterable[Figures]) -> None:
    """Move the sums from what the deals were to what they are, in the caller's transaction.

    Lines are touched in one order, so that two transactions never wait for each other in a ring.
    """
    lines = lines_of(after, 1, lines_of(before, -1))
    write_lines(lines)


def write_lines(lines: Lines) -> None:
    """Add `lines` to the tables."""
    changed = {key: values for key, values in lines.items() if any(values)}
    for table, (model, key, sums) in TABLES.items():
        rows = sorted(
            (*line[1:], *values[: len(sums)]) for line, values in changed.items() if line[0] == table
        )
        if rows:
            add_to_lines(model, key, sums, rows)


class Sums(NamedTuple):
    """Deals of a stage: how many, what they are worth, what that is by probability."""

    number: int = 0
    amount: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)
    # Whether there are more than were added up.
    capped: bool = False


def sums_within_sight(user: Any, owner_id: int | None = None) -> dict[str, Sums]:
    """{stage: sums} of all deals that this person sees (of one owner), read from the totals."""
    reach = reach_of(user, Deal.module, "view")
    totals = DealTotal.objects.none() if reach is None else DealTotal.objects.all()
    if reach is not None and reach != "all":
        totals = totals.filter(owner_id__in=people_in(user, reach))
    if owner_id is not None:
        totals = totals.filter(owner_id=owner_id)
    rows = totals.values_list("stage").annotate(Sum("count"), Sum("amount"), Sum("weighted"))
    return {stage: Sums(count, amount, weighted) for stage, count, amount, weighted in rows}


def sums_of(deals: QuerySet, limit: int) -> Sums:
    """The sums of filtered deals, of at most `limit` of them."""
    worth = F("amount") * F("probability")
    few = deals.order_by().annotate(worth=worth).values("pk", "amount", "worth")[: limit + 1]
    found = few.aggregate(number=Count("pk"), euros=Sum("amount"), worths=Sum("worth"))
    count = found["number"]
    weighted = Decimal(found["worths"] or 0) / 100
    return Sums(min(count, limit), found["euros"] or Decimal(0), weighted, count > limit)


@transaction.atomic
def recount_deals() -> int:
    """Work out all sums anew from the deals; returns how many lines had been wrong.

    Whoever changes deals meanwhile waits for the lines that they have in common with us.
    """
    held: dict[tuple[Any, ...], list[Any]] = {}
    for table, (model, key, sums) in TABLES.items():
        for line in model.objects.select_for_update().order_by(*key):
            held[table, *(getattr(line, name) for name in key)] = [getattr(line, name) for name in sums]
    lines = lines_of(_all_figures())
    for key, values in held.items():
        line = lines[key]
        for place, value in enumerate(values):
            line[place] -= value
    wrong = sum(1 for values in lines.values() if any(values))
    write_lines(lines)
    return wrong


def _all_figures() -> Iterable[Figures]:
    deals = Deal.objects.order_by("pk").only(
        "owner_id", "stage", "amount", "own_probability", "created_at", "closed_on", "expected_on",
        "postponed_count", "furthest", "source",
    )  # fmt: skip
    return (figures_of(deal) for deal in deals.iterator(chunk_size=BATCH))
