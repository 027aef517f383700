"""Keeping the counts of contacts as contacts change."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet
from django.utils import timezone

from crm.models import Contact, ContactTally, ContactTotal
from digiweb.querysets import people_in, reach_of
from digiweb.scopes import EVERYBODY

TallyKey = tuple[int, str, str]


def tally_key(contact: Contact) -> TallyKey:
    """The line that counts this contact: owner (0: nobody), status, day it was added."""
    return contact.owner_id or 0, contact.status, timezone.localtime(contact.created_at).date().isoformat()


def tally_of(contacts: Iterable[Contact]) -> Counter[TallyKey]:
    """How many of `contacts` each line counts."""
    return Counter(tally_key(contact) for contact in contacts)


def adjust_tally(deltas: Counter[TallyKey]) -> None:
    """Add `deltas` to the counts by day and to the totals, in the caller's transaction.

    Lines are touched in one order, so that two transactions never wait for each other in a ring.
    """
    totals: Counter[tuple[int, str]] = Counter()
    for (owner_id, status, _day), delta in deltas.items():
        totals[owner_id, status] += delta
    _add(ContactTally, ("owner_id", "status", "day"), deltas)
    _add(ContactTotal, ("owner_id", "status"), totals)


def _add(model: type[Model], key: tuple[str, ...], deltas: Counter[Any]) -> None:
    """Insert each line, or add to the one that is there."""
    rows = [(*line, delta) for line, delta in sorted(deltas.items()) if delta]
    if not rows:
        return
    quote = connection.ops.quote_name
    conflict = (
        "ON DUPLICATE KEY UPDATE `count` = `count` + VALUES(`count`)"
        if connection.vendor == "mysql"
        else f'ON CONFLICT ({", ".join(key)}) DO UPDATE SET "count" = "count" + excluded."count"'
    )
    columns = ", ".join(quote(name) for name in (*key, "count"))
    place = f"({', '.join(['%s'] * (len(key) + 1))})"
    table = quote(model._meta.db_table)
    sql = f"INSERT INTO {table} ({columns}) VALUES {', '.join([place] * len(rows))} {conflict}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for row in rows for value in row])


def within_sight(user: Any, counts: QuerySet) -> QuerySet:
    """Of counts by owner (ContactTally, ContactTotal), those of just the contacts that this person sees."""
    reach = reach_of(user, Contact.module, "view")
    if reach is None:
        return counts.none()
    if reach == "all":
        return counts
    return counts.filter(owner_id__in=[*people_in(user, reach), EVERYBODY])
