"""Keeping the counts of contacts as contacts change."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from crm.models import Contact, ContactTally, ContactTotal
from digiweb.inserts import add_to_lines
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
    add_to_lines(model, key, ("count",), [(*line, delta) for line, delta in sorted(deltas.items()) if delta])


def within_sight(user: Any, model: type[ContactTally] | type[ContactTotal]) -> QuerySet:
    """Of the counts by owner in a table, those of just the contacts that this person sees."""
    counts = model._default_manager.all()
    reach = reach_of(user, Contact.module, "view")
    if reach is None:
        return counts.none()
    if reach == "all":
        return counts
    return counts.filter(owner_id__in=[*people_in(user, reach), EVERYBODY])
