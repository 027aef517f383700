"""Keeping the sums of deals as deals change (crm/models/deal_total.py)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, F, QuerySet, Sum
from django.utils import timezone

from crm.models import Deal, DealMonth, DealTotal
from digiweb.inserts import add_to_lines
from digiweb.querysets import people_in, reach_of

BATCH = 5_000
TOTAL, MONTH = DealTotal._meta.label, DealMonth._meta.label
Lines = dict[tuple[Any, ...], list[Any]]


class Figures(NamedTuple):
    """What the sums take from a deal: kept before a change, compared after it."""

    owner_id: int
    stage: str
    amount: Decimal
    weighted: Decimal
    created_on: date
    closed_on: date | None


def figures_of(deal: Deal) -> Figures:
    created_on = timezone.localtime(deal.created_at).date()
    amount = Decimal(deal.amount)
    return Figures(deal.owner_id, str(deal.stage), amount, deal.weighted, created_on, deal.closed_on)


def lines_of(figures: Iterable[Figures], sign: int = 1, into: Lines | None = None) -> Lines:
    """{(table, key …): what to add to its columns} for deals that come (or go, with sign -1)."""
    lines: Lines = into if into is not None else defaultdict(lambda: [0, Decimal(0), 0])
    for one in figures:
        _add(lines, (TOTAL, one.owner_id, one.stage), sign, sign * one.amount, sign * one.weighted)
        created = one.created_on.replace(day=1)
        _add(lines, (MONTH, one.owner_id, created, "created"), sign, sign * one.amount, 0)
        if one.closed_on and one.stage in Deal.CLOSED:
            days = max((one.closed_on - one.created_on).days, 0)
            closed = one.closed_on.replace(day=1)
            _add(lines, (MONTH, one.owner_id, closed, one.stage), sign, sign * one.amount, sign * days)
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
    totals = [(*key[1:], *values) for key, values in changed.items() if key[0] == TOTAL]
    months = [(*key[1:], *values) for key, values in changed.items() if key[0] == MONTH]
    add_to_lines(DealTotal, ("owner_id", "stage"), ("count", "amount", "weighted"), sorted(totals))
    add_to_lines(DealMonth, ("owner_id", "month", "kind"), ("count", "amount", "days"), sorted(months))


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
    for total in DealTotal.objects.select_for_update().order_by("owner_id", "stage"):
        held[TOTAL, total.owner_id, total.stage] = [total.count, total.amount, total.weighted]
    for month in DealMonth.objects.select_for_update().order_by("owner_id", "month", "kind"):
        held[MONTH, month.owner_id, month.month, month.kind] = [month.count, month.amount, month.days]
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
        "owner_id", "stage", "amount", "own_probability", "created_at", "closed_on"
    )
    return (figures_of(deal) for deal in deals.iterator(chunk_size=BATCH))
