"""How many companies lie where: read for the map, within what its reader may see."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Count, Min, QuerySet

from digiweb.carriers import carried
from digiweb.hints import by_covering_index
from digiweb.paging import newest_of_broad, supports_branches


class Tally(NamedTuple):
    """So many companies; `only` is the key of the one, where there is one."""

    total: int
    only: int = 0


def count_by(portions: Sequence[QuerySet], column: str) -> dict[str, Tally]:
    """{department or place: how many}, "" for the companies that are nowhere.

    `portions` have no row in common (`scope_portions`). Each is one statement that an index answers alone:
    the company’s own (`crm_company_map`), or that of who sees it (`crm_access_map`): 0.2 s for a million
    rows. Of a broad search only the newest rows are looked into, as lists do.
    """
    if len(portions) > 1 and not supports_branches(portions[0]):
        portions = [reduce(or_, [portion.distinct() for portion in portions])]
    floor = newest_of_broad(portions[0]) if portions else 0
    found: dict[str, Tally] = {}
    for portion in portions:
        if floor:
            portion = portion.filter(pk__gte=floor)
        carrier = carried(portion, (column,)) if supports_branches(portion) else None
        rows, key = (carrier.queryset, carrier.names["id"]) if carrier else (portion, "pk")
        # Of several people's companies some are in the sight of more than one of them.
        several = bool(rows.query.distinct) or not carrier
        rows = by_covering_index(rows, column)
        groups = rows.order_by().values_list(column).annotate(
            number=Count(key, distinct=several), only=Min(key)
        )  # fmt: skip
        for value, number, only in groups:
            before = found.get(value, Tally(0)).total
            found[value] = Tally(before + number, 0 if before or number > 1 else only)
    return found
