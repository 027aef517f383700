"""Tables that carry copies: a page or a count asked of one narrow table instead of a join.

The rows of one tag in the order of names, or the companies that one person sees by status: the join
knows which rows, the record knows the order, and no index holds both. So the joined table *carries*
copies of the record's columns (`carries_of, carries = "contact", ("owner_id", "sort_name")`), has the
indexes, and answers alone. A table whose rows name a record of any kind by kind and number (documents)
carries copies too: it says by `carries_from(model)` which. `digiweb.changes` and the bin keep the copies;
whoever writes rows of the record or of the carrier past them (`bulk_update`, `insert_rows`, `tags.set`)
calls `follow`.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from copy import copy
from functools import cache
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Col
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
)
from django.db.models.sql.constants import INNER
from django.db.models.sql.datastructures import Join
from django.db.models.sql.where import WhereNode

BATCH = 1000
# Conditions between one column and plain values.
PLAIN = (Exact, In, IsNull, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual)


class Carried(NamedTuple):
    """The same rows, of a carrier: `names` leads from the record's columns to the carrier's."""

    queryset: QuerySet
    names: dict[str, str]


def carried(queryset: QuerySet, fields: Sequence[str] = ()) -> Carried | None:
    """`queryset` asked of the one carrier that it joins; None unless that has every column in question.

    `fields` are the columns of the order, by the names of the record's model.
    """
    query: Any = queryset.query
    joins = [alias for alias in query.alias_map if query.alias_refcount[alias]]
    if len(joins) != 2 or query.is_sliced or query.combinator or query.annotation_select_mask:
        return None
    base, alias = joins
    join = query.alias_map[alias]
    if not isinstance(join, Join) or join.join_type != INNER or join.parent_alias != base:
        return None
    relation: Any = join.join_field
    if not getattr(relation, "one_to_many", False):
        return None
    carrier: Any = relation.related_model
    if getattr(carrier, "carries_of", "") != relation.field.name:
        return None
    names = {name: name for name in carrier.carries}
    names["id"] = relation.field.attname
    if not names.keys() >= set(fields):
        return None
    found = carrier._default_manager.all()
    own = found.query.get_initial_alias()
    where = _moved(query.where, base, alias, own, carrier, names)
    if where is None:
        return None
    found.query.where = where
    if query.distinct:
        found = found.distinct()
    return Carried(found, names)


def _moved(node: Any, base: str, alias: str, own: str, carrier: Any, names: dict[str, str]) -> Any:
    """The conditions, said of the carrier's columns; None when one cannot be."""
    if isinstance(node, WhereNode):
        children = [_moved(child, base, alias, own, carrier, names) for child in node.children]
        if any(child is None for child in children):
            return None
        return WhereNode(children, node.connector, node.negated)
    column = getattr(node, "lhs", None)
    if not isinstance(node, PLAIN) or not isinstance(column, Col) or hasattr(node.rhs, "as_sql"):
        return None
    name = column.target.attname
    if column.alias == base:
        name = names.get("id" if column.target.primary_key else name, "")
    elif column.alias != alias:
        return None
    if not name:
        return None
    field = next(each for each in carrier._meta.concrete_fields if name in (each.attname, each.name))
    moved = copy(node)
    moved.lhs = Col(own, field)
    return moved


@cache
def carriers_of(model: type[Model]) -> list[Any]:
    """The tables that carry columns of `model`."""
    return [
        relation.related_model
        for relation in model._meta.related_objects
        if getattr(relation.related_model, "carries_of", "") == relation.field.name
    ]


@cache
def subject_carriers_of(model: type[Model]) -> list[tuple[Any, dict[str, str]]]:
    """The tables that name records by kind and number and carry columns of `model`, with which of which."""
    carriers = [each for each in apps.get_models() if hasattr(each, "carries_from")]
    return [(each, names) for each in carriers if (names := each.carries_from(model))]


def copies_of(record: Model) -> dict[str, Any]:
    """What is copied of a record, and its values now."""
    names = {name for carrier in carriers_of(type(record)) for name in carrier.carries}
    names.update(*(columns.values() for _carrier, columns in subject_carriers_of(type(record))))
    return {name: getattr(record, name) for name in names}


def follow(model: type[Model], ids: Iterable[int]) -> None:
    """Bring all copies of these records up to date."""
    pks = sorted(set(ids))
    for carrier in carriers_of(model):
        refresh_copies(carrier, pks)
    for carrier, names in subject_carriers_of(model):
        records = model._base_manager.filter(pk=OuterRef("subject_id"))
        copies = {name: Subquery(records.values(column)[:1]) for name, column in names.items()}
        for start in range(0, len(pks), BATCH):
            kind, part = model._meta.label_lower, pks[start : start + BATCH]
            carrier._base_manager.filter(subject_type=kind, subject_id__in=part).update(**copies)


def refresh_copies(carrier: Any, ids: Iterable[int]) -> None:
    """Write the record's columns once more into the rows of `carrier` that belong to these records.

    Called in the transaction of the change, whose caller holds the records' locks.
    """
    if not carrier.carries:  # it carries nothing but the key
        return
    link = carrier.carries_of
    field: Any = carrier._meta.get_field(link)
    record = field.remote_field.model._base_manager.filter(pk=OuterRef(field.attname))
    copies = {name: Subquery(record.values(name)[:1]) for name in carrier.carries}
    pks = sorted(set(ids))
    for start in range(0, len(pks), BATCH):
        rows = carrier._base_manager.filter(**{f"{link}__in": pks[start : start + 1000]})
        rows.update(**copies)


def refresh_carrier(carrier: type[Model], rows: Iterable[Model]) -> None:
    """Bring the copies in rows of a carrier up to date that were written as they once were."""
    link = getattr(carrier, "carries_of", "")
    if link:
        attname = carrier._meta.get_field(link).attname  # type: ignore[union-attr]
        refresh_copies(carrier, {getattr(row, attname) for row in rows})
    if hasattr(carrier, "carries_from"):
        subjects: dict[str, set[int]] = {}
        for row in rows:
            named: Any = row
            subjects.setdefault(named.subject_type, set()).add(named.subject_id)
        for kind, numbers in subjects.items():
            with suppress(LookupError):  # its module was removed since
                follow(apps.get_model(kind), numbers)
