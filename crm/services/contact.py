"""Verbs of contacts. Page, API, bulk action and import call the same functions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects

from crm.models import Contact, Tag
from crm.services.client_signs import reword_clients
from crm.services.company import change_tags, refresh_companies, set_tags
from crm.services.custom_value import settle_values
from crm.services.deal_words import reword_deals
from crm.services.holding import hold
from crm.services.score import touch_scores
from crm.services.tally import adjust_tally, tally_key, tally_of
from digiweb.carriers import follow
from digiweb.changes import change_many, change_record, create_record
from digiweb.models import StaleVersion
from timeline.services.bin import move_to_bin

# What a client is found by.
SHOWN_BY_CLIENTS = {"first_name", "last_name", "email", "phone", "mobile", "city"}


@transaction.atomic
def create_contact(*, user: Any, contact: Contact, tags: Iterable[Tag] = ()) -> Contact:
    """Save a new contact with its tags; it shows on its company's time line too."""
    hold(companies=[contact.company_id])
    create_record(user=user, obj=contact, also=_company_of(contact))
    contact.tags.set(tags)
    follow(Contact, [contact.pk])
    refresh_companies([contact.company_id or 0])
    adjust_tally(tally_of([contact]))
    if contact.company is not None and contact.company.solvency is not None:
        touch_scores([contact.pk])
    return contact


@transaction.atomic
def change_contact(
    *,
    user: Any,
    contact: Contact,
    values: Mapping[str, Any],
    version: int | None = None,
    tags: Iterable[Tag] | None = None,
) -> dict[str, list[Any]]:
    """Change a contact; raises StaleVersion when `version` is no longer the current one."""
    before = Contact.objects.select_for_update().get(pk=contact.pk)
    if version is not None and before.version != version:
        raise StaleVersion(before)
    if {"company", "owner"} & values.keys():
        hold(companies=[before.company_id, getattr(values.get("company"), "pk", None)])
    changes = change_record(user=user, obj=contact, values=values, version=version, also=_company_of(before))
    if tags is not None:
        changes |= set_tags(user=user, obj=contact, tags=tags)
    if {"first_name", "last_name"} & changes.keys():
        reword_deals(contact=contact)
    _follow([before], [contact])
    if "company" in changes:
        touch_scores([contact.pk])
    if SHOWN_BY_CLIENTS & changes.keys():
        reword_clients(contacts=[contact.pk])
    return changes


@transaction.atomic
def change_contacts(*, user: Any, pks: Sequence[int], values: Mapping[str, Any]) -> int:
    """Set the same values on many contacts (assign, status); returns how many differed."""
    # Locked alone: a join would lock companies and people too.
    contacts = list(Contact.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    prefetch_related_objects(contacts, "company", "owner")
    if {"company", "owner"} & values.keys():
        given = getattr(values.get("company"), "pk", None)
        hold(companies=[*(contact.company_id for contact in contacts), given])
    old = {contact.pk: (tally_key(contact), contact.company_id) for contact in contacts}
    changed = change_many(user=user, objs=contacts, values=values)
    deltas = tally_of(changed)
    deltas.subtract(Counter(old[contact.pk][0] for contact in changed))
    if "company" in values:
        touch_scores(contact.pk for contact in changed)
    refresh_companies(
        company for contact in changed for company in (old[contact.pk][1], contact.company_id) if company
    )
    adjust_tally(deltas)
    return len(changed)


@transaction.atomic
def tag_contacts(
    *, user: Any, pks: Sequence[int], add: Iterable[Tag] = (), remove: Iterable[Tag] = ()
) -> int:
    """Put tags on contacts and take tags off; returns how many contacts were given."""
    # Locked: whoever changes a contact meanwhile changes the copies in its tags too.
    contacts = list(Contact.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    change_tags(user=user, objs=contacts, add=list(add), remove=list(remove))
    return len(contacts)


@transaction.atomic
def delete_contacts(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move contacts to the bin as one batch; returns the batch, by which they come back."""
    contacts = list(Contact.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    return move_to_bin(user=user, objs=contacts, batch=batch)


def contacts_came_or_went(contacts: Sequence[Contact], *, came: bool) -> None:
    """What follows when contacts enter or leave the table other than by the verbs above (the bin)."""
    deltas = tally_of(contacts)
    if not came:
        deltas = Counter({key: -count for key, count in deltas.items()})
    refresh_companies(contact.company_id for contact in contacts if contact.company_id)
    adjust_tally(deltas)
    if came:
        touch_scores(contact.pk for contact in contacts)
        settle_values(contacts)


def _company_of(contact: Contact) -> tuple[Any, ...]:
    return (contact.company,) if contact.company_id and contact.company else ()


def _follow(before: Sequence[Contact], after: Sequence[Contact]) -> None:
    deltas = tally_of(after)
    deltas.subtract(tally_of(before))
    moved = [
        company
        for old, new in zip(before, after, strict=True)
        if (old.company_id, old.owner_id) != (new.company_id, new.owner_id)
        for company in (old.company_id, new.company_id)
        if company
    ]
    refresh_companies(moved)
    adjust_tally(deltas)
