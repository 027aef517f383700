"""Paging by key: the next page begins after the last row seen, however far that is.

OFFSET reads all it skips and shifts rows when somebody inserts; a key does neither. A sort names
columns that are never NULL and ends with the primary key, so that the order is total.
"""

import base64
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import EmptyResultSet, SuspiciousOperation
from django.db import connections, models
from django.db.models import Count, Q, QuerySet, Window

from digiweb.carriers import carried
from digiweb.fields import Words
from digiweb.hints import by_best_indexes, by_counting_index, conditions_of

PAGE_SIZE = 50
COUNT_LIMIT = 10_000
# How many of the newest rows are looked into for counting the hits of a broad search.
BROAD_LIMIT = 5_000


# A number longer than any of ours is no key.
MAX_DIGITS = 40


class BadCursor(SuspiciousOperation):
    """The key in the address is not one that we gave out."""


@dataclass(frozen=True)
class Sort:
    """An order of a list: `fields` all ascend or all descend together, the last one is the key."""

    name: str
    label: Any
    fields: tuple[str, ...]
    descending: bool = False

    @property
    def order_by(self) -> list[str]:
        return [f"-{name}" if self.descending else name for name in self.fields]


@dataclass(frozen=True)
class Page:
    """One page: primary keys in order, and the keys of its neighbours ('' where there is none)."""

    ids: list[int]
    after: str
    before: str
    # How many rows there are in all, where that was asked for and told.
    total: int | None = None


def encode_key(values: Sequence[Any]) -> str:
    """The address form of a row's key."""
    plain = [
        v.isoformat() if isinstance(v, date) else str(v) if isinstance(v, Decimal) else v for v in values
    ]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).rstrip(b"=").decode()


def decode_key(text: str, model: type[models.Model], fields: Sequence[str]) -> list[Any]:
    """The values of a key; raises BadCursor when it is not of this sort."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(values, list) or len(values) != len(fields):
            raise ValueError(text)
        return [
            _typed(model._meta.get_field(name), value) for name, value in zip(fields, values, strict=True)
        ]
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise BadCursor("bad page key") from error


def _typed(field: Any, value: Any) -> Any:
    """The value of a column as `encode_key` wrote it; ValueError and the like for anything else."""
    if isinstance(field, (models.IntegerField, models.ForeignKey)):
        if type(value) is not int or abs(value) >= 2**63:
            raise ValueError("key")
        return value
    if not isinstance(value, str):
        raise ValueError("key")
    if isinstance(field, models.DateTimeField):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("key")
        return moment.astimezone(UTC)  # OverflowError beyond the days that UTC has
    if isinstance(field, models.DateField):
        return date.fromisoformat(value)
    if isinstance(field, models.DecimalField):
        number = Decimal(value)
        if not number.is_finite() or abs(number.adjusted()) > MAX_DIGITS:
            raise ValueError("key")
        return number
    if "\x00" in value:
        raise ValueError("key")
    value.encode()  # half a character is no text
    return value


def beyond(fields: Sequence[str], values: Sequence[Any], *, descending: bool) -> Q:
    """Rows strictly after the key, said so that the index range begins at the key itself.

    The leading column bounds it, and `a = x` beside `b > y` lets it begin in the middle of many rows that
    are alike in `a` (scores). The row form `(a, b) > (x, y)` would say the same, but MariaDB does not use
    an index for it.
    """
    strict, loose = ("lt", "lte") if descending else ("gt", "gte")
    condition = Q(**{f"{fields[-1]}__{strict}": values[-1]})
    for name, value in zip(reversed(fields[:-1]), reversed(values[:-1]), strict=True):
        within = Q(**{name: value}) & condition
        condition = Q(**{f"{name}__{loose}": value}) & (Q(**{f"{name}__{strict}": value}) | within)
    return condition


def keyset_page(
    branches: Sequence[QuerySet],
    sort: Sort,
    *,
    after: str = "",
    before: str = "",
    size: int = PAGE_SIZE,
    total: bool = False,
    rows: int | None = None,
) -> Page:
    """One page over the union of `branches`, in one query that reads `size + 1` rows a branch.

    With `total`, the first page of one branch also tells how many rows there are: for searches, where the
    full-text index finds all of them anyway. `rows`: how many there are in all, where that is known already,
    be it up to a limit (digiweb/hints.py). Raises BadCursor for a key that is not of this sort.
    """
    backwards = bool(before) and not after
    descending = sort.descending != backwards
    key = after or before
    model, fields = branches[0].model, sort.fields
    if supports_branches(branches[0]):
        branches, fields = _lean(branches, fields)
    else:
        branches = [reduce(or_, branches).distinct()]
    branches = by_best_indexes(branches, fields, rows)
    if key:
        limit = beyond(fields, decode_key(key, model, sort.fields), descending=descending)
        branches = [branch.filter(limit) for branch in branches]
    order = [f"-{name}" if descending else name for name in fields]
    columns: list[str] = list(fields)
    if total and len(branches) == 1 and not key:
        branches = [branches[0].annotate(counted=Window(Count("pk")))]
        columns = ["counted", *fields]
    # Of a union of which all but one are empty, Django returns that one, cut already: no order is put on it.
    branches = [branch for branch in branches if not branch.query.is_empty()] or branches[:1]
    ordered = [branch.order_by(*order).values_list(*columns)[: size + 1] for branch in branches]
    # UNION, not UNION ALL: a row may be in the sight of several people.
    found = list(
        ordered[0] if len(ordered) == 1 else ordered[0].union(*ordered[1:]).order_by(*order)[: size + 1]
    )
    counted = None
    if columns[0] == "counted":
        counted = found[0][0] if found else 0
        found = [row[1:] for row in found]
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([], "", "", counted)
    has_next, has_previous = (True, more) if backwards else (more, bool(key))
    return Page(
        [row[-1] for row in found],
        encode_key(found[-1]) if has_next else "",
        encode_key(found[0]) if has_previous else "",
        counted,
    )


def _lean(branches: Sequence[QuerySet], fields: Sequence[str]) -> tuple[list[QuerySet], tuple[str, ...]]:
    """Branches and the order's columns, asked of a table that carries both where there is one."""
    carriers = [carried(branch, fields) for branch in branches]
    if all(carriers):
        names = carriers[0].names  # type: ignore[union-attr]
        return [one.queryset for one in carriers if one], tuple(names[name] for name in fields)
    # Where a scope's table carries the key, the order is read from there (digiweb/scopes.py).
    seen = branches[0].query.annotations
    if all(f"seen_{name}" in seen for name in fields):
        return list(branches), tuple(f"seen_{name}" for name in fields)
    return list(branches), tuple(fields)


def fetch_in_order(queryset: QuerySet, ids: Sequence[int]) -> list[Any]:
    """The records of a page, in the page's order."""
    found = queryset.in_bulk(list(ids))
    return [found[pk] for pk in ids if pk in found]


# Portions of a count that are looked at one after the other.
NESTED = 2


def capped_count(queryset: QuerySet | Sequence[QuerySet], limit: int = COUNT_LIMIT) -> tuple[int, bool]:
    """How many rows, counted up to `limit`; the second value says that there are more.

    Several querysets must have no row in common (`ScopedQuerySet.scope_portions`): each is counted
    by its own index, where `owner = me OR owner IS NULL` would have each row fetched.
    """
    portions = [queryset] if isinstance(queryset, QuerySet) else list(queryset)
    if len(portions) > 1 and not supports_branches(portions[0]):
        portions = [reduce(or_, [portion.distinct() for portion in portions])]
    floor = newest_of_broad(portions[0])
    if floor:
        portions = [portion.filter(pk__gte=floor) for portion in portions]
    count = _count_in_turn([portion[: limit + 1] for portion in _countable(portions)], limit)
    return min(count, limit), count > limit or bool(floor)


def _countable(portions: Sequence[QuerySet]) -> list[QuerySet]:
    """The numbers of the rows, of the narrowest tables and indexes that know them."""
    by_column: dict[str, list[QuerySet]] = {}
    for portion in portions:
        carrier = carried(portion) if supports_branches(portion) else None
        column = "pk" if carrier is None else carrier.names["id"]
        by_column.setdefault(column, []).append(portion if carrier is None else carrier.queryset)
    return [
        queryset.order_by().values(column)
        for column, querysets in by_column.items()
        for queryset in by_counting_index(querysets)
    ]


def _count_in_turn(portions: Sequence[QuerySet], limit: int) -> int:
    """The sum, in one query that looks at a portion only while those before it are below the limit.

    The last ones are looked at together: each portion within another doubles what MariaDB's optimizer holds
    (eight kinds of documents took twenty gigabytes).
    """
    connection = connections[portions[0].db]
    counts: list[tuple[str, tuple[Any, ...]]] = []
    for portion in portions:
        with suppress(EmptyResultSet):
            inner, values = portion.query.get_compiler(connection=connection).as_sql()
            counts.append((f"(SELECT COUNT(*) FROM ({inner}) found)", values))  # noqa: S608
    last = counts[NESTED:]
    if last:
        together = " + ".join(counted for counted, _values in last)
        counts[NESTED:] = [(together, tuple(value for _counted, values in last for value in values))]
    sql = ""
    params: list[Any] = []
    for counted, values in reversed(counts):
        rest = f" + CASE WHEN counted > {limit:d} THEN 0 ELSE ({sql}) END" if sql else ""
        sql = f"SELECT counted{rest} FROM (SELECT {counted} AS counted) one"  # noqa: S608
        params = [*params, *values]
    if not sql:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.fetchone()[0])


def newest_of_broad(queryset: QuerySet) -> int:
    """From which key on the hits of a broad search are counted; 0 for all rows.

    Such hits are found by looking into the rows: a few thousand give a number to begin with.
    """
    if not any(isinstance(node, Words) and node.search.broad for node in conditions_of(queryset)):
        return 0
    keys = queryset.model._default_manager.order_by("-pk").values_list("pk", flat=True)
    return next(iter(keys[BROAD_LIMIT : BROAD_LIMIT + 1]), 0)


def supports_branches(queryset: QuerySet) -> bool:
    """SQLite (the demo) has no LIMIT inside a UNION: one condition must do instead of branches."""
    return connections[queryset.db].features.supports_slicing_ordering_in_compound
