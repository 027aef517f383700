"""Keeping the counts of contacts as contacts change."""

from collections import Counter
from collections.abc import Iterable

from django.db import connection
from django.utils import timezone

from crm.models import Contact, ContactTally

TallyKey = tuple[int, str, str]


def tally_key(contact: Contact) -> TallyKey:
    """The line that counts this contact: owner (0: nobody), status, day it was added."""
    return contact.owner_id or 0, contact.status, timezone.localtime(contact.created_at).date().isoformat()


def tally_of(contacts: Iterable[Contact]) -> Counter[TallyKey]:
    """How many of `contacts` each line counts."""
    return Counter(tally_key(contact) for contact in contacts)


def adjust_tally(deltas: Counter[TallyKey]) -> None:
    """Add `deltas` to the counts, in the caller's transaction.

    Lines are touched in one order, so that two transactions never wait for each other in a ring.
    """
    rows = [(*key, delta) for key, delta in sorted(deltas.items()) if delta]
    if not rows:
        return
    table = connection.ops.quote_name(ContactTally._meta.db_table)
    conflict = (
        "ON DUPLICATE KEY UPDATE `count` = `count` + VALUES(`count`)"
        if connection.vendor == "mysql"
        else 'ON CONFLICT (owner_id, status, day) DO UPDATE SET "count" = "count" + excluded."count"'
    )
    count = connection.ops.quote_name("count")
    places = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
    sql = f"INSERT INTO {table} (owner_id, status, day, {count}) VALUES {places} {conflict}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for row in rows for value in row])
