"""Keeping the sums of contracts as contracts change (sales/models/contract_total.py)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from digiweb.inserts import add_to_lines
from digiweb.querysets import people_in, reach_of
from sales.models import Contract, ContractClientTotal, ContractTotal
from sales.models.contract import NO_DATE

BATCH = 5_000
NOBODY = 0
TOTAL, CLIENT = ContractTotal._meta.label, ContractClientTotal._meta.label
Lines = dict[tuple[Any, ...], list[Any]]


class Figures(NamedTuple):
    """What the sums take from a contract: kept before a change, compared after it."""

    owner_id: int
    client_id: int
    offer_id: int
    status: str
    signed_on: date | None
    amount: Decimal


def figures_of(contract: Contract) -> Figures:
    return Figures(
        contract.owner_id or NOBODY,
        contract.client_id,
        contract.offer_id or NOBODY,
        str(contract.status),
        contract.signed_on,
        Decimal(contract.amount),
    )


def lines_of(figures: Iterable[Figures], sign: int = 1, into: Lines | None = None) -> Lines:
    """{(table, key …): what to add to its columns} for contracts that come (or go, with sign -1)."""
    lines: Lines = into if into is not None else defaultdict(lambda: [0, Decimal(0)])
    for one in figures:
        month = (one.signed_on or NO_DATE).replace(day=1)
        _add(lines, (TOTAL, one.owner_id, month, one.offer_id, one.status), sign, one.amount)
        if one.status in Contract.IN_FORCE:
            _add(lines, (CLIENT, one.owner_id, one.client_id), sign, one.amount)
    return lines


def _add(lines: Lines, key: tuple[Any, ...], sign: int, amount: Decimal) -> None:
    line = lines[key]
    line[0] += sign
    line[1] += sign * amount


def adjust_totals(before: Iterable[Figures], after: Iterable[Figures]) -> None:
    """Move the sums from what the contracts were to what they are, in the caller's transaction.

    Lines are touched in one order, so that two transactions never wait for each other in a ring.
    """
    write_lines(lines_of(after, 1, lines_of(before, -1)))


def write_lines(lines: Lines) -> None:
    """Add `lines` to the tables."""
    changed = {key: values for key, values in lines.items() if any(values)}
    totals = [(*key[1:], *values) for key, values in changed.items() if key[0] == TOTAL]
    clients = [(*key[1:], *values) for key, values in changed.items() if key[0] == CLIENT]
    sums = ("count", "amount")
    add_to_lines(ContractTotal, ("owner_id", "month", "offer_id", "status"), sums, sorted(totals))
    add_to_lines(ContractClientTotal, ("owner_id", "client_id"), sums, sorted(clients))


def within_sight(user: Any, model: Any = ContractTotal) -> QuerySet:
    """The lines of a roll-up on contracts that this person sees."""
    reach = reach_of(user, Contract.module, "view")
    if reach is None:
        rows: QuerySet = model.objects.none()
        return rows
    rows = model.objects.filter(count__gt=0)
    return rows if reach == "all" else rows.filter(owner_id__in=people_in(user, reach))


@transaction.atomic
def recount_contracts() -> int:
    """Work out all sums anew from the contracts; returns how many lines had been wrong.

    Whoever changes contracts meanwhile waits for the lines that they have in common with us.
    """
    held: dict[tuple[Any, ...], list[Any]] = {}
    keys = ("owner_id", "month", "offer_id", "status")
    for total in ContractTotal.objects.select_for_update().order_by(*keys):
        held[TOTAL, *(getattr(total, key) for key in keys)] = [total.count, total.amount]
    for client in ContractClientTotal.objects.select_for_update().order_by("owner_id", "client_id"):
        held[CLIENT, client.owner_id, client.client_id] = [client.count, client.amount]
    lines = lines_of(_all_figures())
    for key, values in held.items():
        line = lines[key]
        for place, value in enumerate(values):
            line[place] -= value
    wrong = sum(1 for values in lines.values() if any(values))
    write_lines(lines)
    return wrong


def _all_figures() -> Iterable[Figures]:
    columns = ("owner_id", "client_id", "offer_id", "status", "signed_on", "amount")
    contracts = Contract.objects.order_by("pk").only(*columns)
    return (figures_of(contract) for contract in contracts.iterator(chunk_size=BATCH))
