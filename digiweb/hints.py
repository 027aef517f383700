"""A word to MariaDB's optimiser, where it is known to read a sorted page the wrong way.

- Where an index begins with just the columns that the conditions hold to values and goes on with the order,
  it is named (FORCE INDEX): there is no better one, and weighing a dozen that begin with the owner costs
  more than the reading (0.6 ms of 1.2 for a team of eleven).
- Asked for the 51 first rows of one owner by score, it may walk the index of all scores, believing that
  one row in so many is the owner's; when the owner's rows lie at the other end, it reads the whole table
  (measured: 1,200 ms instead of 2). Where an index serves the conditions *and* the order, the ones that
  serve the order only are taken away from it.
- Asked for what was added in two months by score, it sorts all of it (300 ms of 50,000 rows). Where an
  index of the order also has the columns of the other conditions, walking it meets enough rows soon (1 ms),
  if they are many.
  If they are few, the index of just the conditions is named and they are sorted.
- Not so where few values lead the order: most contacts have one of eight scores, and within one the walk
  begins with the newest and passes years before it comes to the months meant (45 ms of 300,000 rows). There
  `FilterSet.in_order` puts the day between score and number, an index of (score, created_at, id) tells
  that this is wanted, and the scores that exist are named one by one: from each, the rows of these days are
  one piece of the index. It is read in order and never beyond the page (0.1 ms), be the days few, many or
  without any row.
- Asked for the rows of one tag by name, it collects all rows of the tag and sorts them (350 ms), although
  the first rows by name hold enough of them when the tag is frequent (5 ms). Then the list leads.
"""

from collections.abc import Iterator, Sequence
from functools import cache, reduce
from operator import or_
from typing import Any

from django.db import connections
from django.db.models import QuerySet, UniqueConstraint
from django.db.models.expressions import Col
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
    Range,
)
from django.db.models.sql.constants import INNER
from django.db.models.sql.datastructures import BaseTable, Join
from django.db.models.sql.where import AND

from digiweb.fields import Words

# Collecting and sorting so many rows costs as much as looking for them along the list.
FREQUENT = 3_000
# So many are sorted soon where the index that finds them has the columns of the order.
COVERED = 10_000
# Finding where the rows of one value begin costs 5 µs; with more values than this there is a better way.
FEW_VALUES = 200
PLAIN = (Exact, IsNull, In, Range, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual)

IGNORE, FORCE = "IGNORE INDEX FOR ORDER BY", "FORCE INDEX"


class HintedTable(BaseTable):
    """The first table of a query, with a word on its indexes."""

    hint = ""
    indexes: tuple[str, ...] = ()

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, params = super().as_sql(compiler, connection)
        names = ", ".join(connection.ops.quote_name(name) for name in self.indexes)
        return f"{sql} {self.hint} ({names})", params

    def relabeled_clone(self, change_map: dict[str | None, str]) -> BaseTable:
        clone: Any = super().relabeled_clone(change_map)
        clone.hint, clone.indexes = self.hint, self.indexes
        return clone  # type: ignore[no-any-return]


def by_best_indexes(
    branches: Sequence[QuerySet], fields: Sequence[str], rows: int | None = None
) -> list[QuerySet]:
    """`branches`, about to be sorted by `fields` of their model, with what the optimiser must be told.

    `rows`: how many there are in all, where that is known, be it up to a limit.
    """
    if connections[branches[0].db].vendor != "mysql":
        return list(branches)
    jumped = [index_by_value(branch, fields) for branch in branches]
    values = _few_values(branches[0].model, fields[0]) if any(jumped) else []
    return [
        _hinted(branch, FORCE, [index]).filter(**{f"{fields[0]}__in": values})
        if index and values
        else _by_best_index(branch, fields, rows)
        for branch, index in zip(branches, jumped, strict=True)
    ]


def _by_best_index(queryset: QuerySet, fields: Sequence[str], rows: int | None) -> QuerySet:
    exact = _made_for(queryset, fields)
    if exact:
        return _hinted(queryset, FORCE, [exact])
    walked = _in_order_with_all(queryset, fields)
    if walked and rows is None:
        rows = queryset[: FREQUENT + 1].count()
    few = rows is not None and rows <= FREQUENT
    if walked and not few:
        return _hinted(queryset, FORCE, [walked])
    found = _counted_by(queryset, fields) if rows is not None and rows < COVERED else ""
    if found and (few or _covers(queryset.model, found, fields)):
        return _hinted(queryset, FORCE, [found])
    if len(fields) < 2:
        # By number, of one owner, what no index has (words): the owner's rows are read, not everybody's.
        return _hinted(queryset, IGNORE, ["PRIMARY"]) if _owned_in_order(queryset) else queryset
    hinted = queryset.all()
    _let_the_list_lead(hinted)
    ignored = _orders_alone(hinted, fields)
    return _hinted(hinted, IGNORE, ignored) if ignored else hinted


def by_counting_index(portions: Sequence[QuerySet], columns: Sequence[str] = ()) -> list[QuerySet]:
    """`portions` of one model without a row in common, about to be counted, with the narrowest index that
    holds all their conditions, and if possible `columns`, which are about to be added up.

    Where it is the same for all, as one: so the counting ends with the row after its limit, where portions
    of nearly the limit each would be read to their ends.
    """
    if connections[portions[0].db].vendor != "mysql":
        return list(portions)
    indexes = [_counted_by(portion, columns) for portion in portions]
    alike = indexes[0] and set(indexes) == {indexes[0]} and not any(one.query.distinct for one in portions)
    if alike and len(portions) > 1:
        return [_hinted(reduce(or_, portions), FORCE, indexes[:1])]
    return [
        _hinted(portion, FORCE, [index]) if index else portion
        for portion, index in zip(portions, indexes, strict=True)
    ]


def by_covering_index(queryset: QuerySet, column: str) -> QuerySet:
    """`queryset`, about to be counted by `column`, with the shortest index that has all columns in question.

    MariaDB takes the index of the condition instead and fetches each row for its group: five times as long.
    """
    model: Any = queryset.model
    if connections[queryset.db].vendor != "mysql" or len(queryset.query.alias_map) > 1:
        return queryset
    needed = {column, model._meta.pk.attname}
    for node in _leaves(queryset.query.where):
        lhs = getattr(node, "lhs", None)
        if not isinstance(lhs, Col) or hasattr(node.rhs, "as_sql"):
            return queryset
        needed.add(lhs.target.attname)
    found = [
        (len(columns), name)
        for name, columns in _indexes_of(model)
        if needed <= {*columns, model._meta.pk.attname}
    ]
    return _hinted(queryset, FORCE, [min(found)[1]]) if found else queryset


def _hinted(queryset: QuerySet, hint: str, indexes: Sequence[str]) -> QuerySet:
    hinted = queryset.all()
    alias: Any = hinted.query.get_initial_alias()
    table = HintedTable(hinted.query.alias_map[alias].table_name, alias)
    table.hint, table.indexes = hint, tuple(indexes)
    hinted.query.alias_map[alias] = table
    return hinted


def _made_for(queryset: QuerySet, fields: Sequence[str]) -> str:
    """The index of just the conditions, followed by the order `fields`.

    Only where every condition holds a column to a value.
    """
    model: Any = queryset.model
    columns = _plain_conditions(queryset)
    if not columns or not all(map(_held, columns.values())):
        return ""
    found = [
        (len(names), name)
        for name, names in _indexes_of(model)
        if set(names[: len(columns)]) == set(columns)
        and names[len(columns) :][: len(fields)] == tuple(fields)
    ]
    return min(found)[1] if found else ""


def _counted_by(queryset: QuerySet, fields: Sequence[str] = ()) -> str:
    """The index of just the conditions: columns held to one of some values, then one between two, if any.

    Of several, one that has `fields` too: those are sorted then without a look at the rows.
    """
    model: Any = queryset.model
    columns = _plain_conditions(queryset)
    held = {name for name, node in columns.items() if _held(node) or isinstance(node, In)}
    if not columns or len(columns) > len(held) + 1:
        return ""
    found = [
        (not _covers(model, name, fields), len(names), name)
        for name, names in _indexes_of(model)
        if set(names[: len(held)]) == held and set(names[: len(columns)]) == set(columns)
    ]
    return min(found)[2] if found else ""


def _covers(model: Any, index: str, fields: Sequence[str]) -> bool:
    """Whether an index has all of these columns; the key is at the end of each."""
    return {*fields} <= {*dict(_indexes_of(model))[index], model._meta.pk.attname}


def index_by_value(queryset: QuerySet, fields: Sequence[str]) -> str:
    """The index that holds the rows of each value of the first of `fields` in one piece, or "".

    It has the columns that are held to values, then `fields`, of which the second is the only other one that
    the conditions narrow.
    """
    model: Any = queryset.model
    columns = _plain_conditions(queryset)
    held = {name for name, node in columns.items() if _held(node)}
    if len(fields) < 3 or set(columns) - held != {fields[1]}:
        return ""
    for name, names in _indexes_of(model):
        if set(names[: len(held)]) == held and names[len(held) :] == tuple(fields):
            return name
    return ""


def _few_values(model: Any, field: str) -> list[Any]:
    """The values that a column has, or [] where they are many; an index that begins with it tells them."""
    values = model._default_manager.order_by().values_list(field, flat=True).distinct()
    found = list(values[: FEW_VALUES + 1])
    return found if len(found) <= FEW_VALUES else []


def _in_order_with_all(queryset: QuerySet, fields: Sequence[str]) -> str:
    """The index that gives the order `fields` and has the columns of all conditions, or "".

    It may begin with columns that are held to values; that the others begin it would be another order.
    """
    model: Any = queryset.model
    columns = _plain_conditions(queryset)
    found = []
    for name, names in _indexes_of(model):
        lead = 0
        while lead < len(names) and _held(columns.get(names[lead])):
            lead += 1
        ordered = names[lead:][: len(fields)] == tuple(fields)
        if columns and ordered and set(columns) <= {*names, queryset.model._meta.pk.attname}:
            found.append((-lead, len(names), name))
    return min(found)[2] if found else ""


def _plain_conditions(queryset: QuerySet) -> dict[str, Any]:
    """{column: condition} where all of them compare a column of the one table with values; else nothing."""
    query: Any = queryset.query
    if query.base_table is None or sum(1 for count in query.alias_refcount.values() if count) > 1:
        return {}
    columns: dict[str, Any] = {}
    for node in _leaves(query.where):
        column = getattr(node, "lhs", None)
        if not isinstance(node, PLAIN) or not isinstance(column, Col) or hasattr(node.rhs, "as_sql"):
            return {}
        columns[column.target.attname] = node
    return columns


def _held(node: Any) -> bool:
    """Whether a condition holds its column to one value."""
    return isinstance(node, Exact) or (isinstance(node, IsNull) and node.rhs is True)


@cache
def _indexes_of(model: Any) -> list[tuple[str, tuple[str, ...]]]:
    """The indexes that have a name of ours, with their columns (an index ends with the key anyway)."""
    meta = model._meta
    named = [(index.name, index.fields) for index in meta.indexes]
    named += [(one.name, one.fields) for one in meta.constraints if isinstance(one, UniqueConstraint)]
    return [(name, tuple(meta.get_field(each).attname for each in fields)) for name, fields in named]


def _leaves(node: Any) -> Iterator[Any]:
    """All conditions of a WHERE; a branch of alternatives as one."""
    if not hasattr(node, "children") or node.connector != AND or node.negated:
        yield node
        return
    for child in node.children:
        yield from _leaves(child)


def _owned_in_order(queryset: QuerySet) -> bool:
    """Whether an index of a person or another record gives the rows by number, beside what is looked for in
    the rows themselves.
    """
    model: Any = queryset.model
    query = queryset.query
    if not any(isinstance(node, Words) and node.search.broad for node in conditions_of(queryset)):
        return False
    fixed = {node.lhs.target.attname for node in fixing(queryset, query.base_table)}
    return any(
        names[:2] == (names[0], model._meta.pk.attname) and names[0] in fixed
        for _name, names in _indexes_of(model)
        if model._meta.get_field(names[0]).remote_field
    )


def _orders_alone(queryset: QuerySet, fields: Sequence[str]) -> list[str]:
    """The indexes that would serve the order `fields` but find the rows worse than another one does.

    Those that begin with the order itself, where one begins with a condition; and of the latter those that
    begin with one of a few choices (a status), where one begins with a person or a town.
    """
    model: Any = queryset.model
    fixed = {node.lhs.target.name for node in fixing(queryset, queryset.query.base_table)}
    alone, by_choice, better = [], [], False
    for index in model._meta.indexes:
        names = list(index.fields)
        lead = next((place for place, name in enumerate(names) if name not in fixed), len(names))
        if names[: len(fields)] == list(fields):
            alone.append(index.name)
        elif lead and names[lead : lead + len(fields)] == list(fields):
            if model._meta.get_field(names[0]).choices:
                by_choice.append(index.name)
            else:
                better = True
    if better:
        return [*alone, *by_choice]
    return alone if by_choice else []


def _let_the_list_lead(queryset: QuerySet) -> None:
    """Read the model's rows in order and look each up in the joined table, where most are in it."""
    for alias, join in list(queryset.query.alias_map.items()):
        if not isinstance(join, Join) or join.join_type != INNER or not queryset.query.alias_refcount[alias]:
            continue
        if join.parent_alias != queryset.query.base_table or not getattr(
            join.join_field, "one_to_many", False
        ):
            continue
        fixed = {node.lhs.target.attname: node.rhs for node in fixing(queryset, alias)}
        if not fixed:
            continue
        relation: Any = join.join_field
        joined: Any = relation.related_model
        if joined._default_manager.filter(**fixed)[: FREQUENT + 1].count() > FREQUENT:
            leading = join.relabeled_clone({})
            leading.join_type = "STRAIGHT_JOIN"
            queryset.query.alias_map[alias] = leading


def fixing(queryset: QuerySet, alias: str | None) -> Iterator[Any]:
    """The conditions that hold a column of one table to one value."""
    for node in conditions_of(queryset):
        if _held(node):
            column = node.lhs
            if isinstance(column, Col) and column.alias == alias:
                yield node


def conditions_of(queryset: QuerySet) -> Iterator[Any]:
    """The conditions that all rows of a queryset fulfil: those joined by AND."""
    nodes: list[Any] = [queryset.query.where]
    while nodes:
        node = nodes.pop()
        if not hasattr(node, "children"):
            yield node
        elif node.connector == AND and not node.negated:
            nodes += node.children
