"""Giving contacts back what an import changed, as one more change of theirs."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from crm.importing.draft import TEXTS
from crm.models import Company, Contact, ContactImport, ContactTag, Tag
from crm.services.client_signs import reword_clients
from crm.services.company import refresh_companies
from crm.services.contact_import_judge import Touched
from crm.services.contact_import_write import rewrite_contacts
from crm.services.custom_value import book_for, index_values
from crm.services.holding import hold
from crm.services.score import touch_scores
from crm.services.tally import adjust_tally, tally_of
from digiweb.audit import Change, record_many
from digiweb.custom import is_custom, set_value, told, value_of
from timeline.models import Note


def restore_contacts(run: ContactImport, user: Any, ones: Sequence[Touched]) -> None:
    """Give contacts their former values back, as one more change of theirs."""
    if not ones:
        return
    companies = Company.objects.in_bulk([one.former().get("company") or 0 for one in ones])
    contacts: list[Contact] = []
    events: list[Change] = []
    moved: set[int] = set()
    book: Any = None
    refilled: list[Contact] = []
    deltas: Counter[Any] = Counter()
    for one in ones:
        contact, changes = one.contact, {}
        assert contact is not None  # noqa: S101 (judged RESTORED)
        deltas.subtract(tally_of([contact]))
        also = [contact.company] if contact.company else []
        for name, before in one.former().items():
            if name == "company":
                former = companies.get(before or 0)
                changes[name] = [_linked(contact.company), _linked(former)]
                moved |= {pk for pk in (contact.company_id, former.pk if former else 0) if pk}
                contact.company = former
                also += [former] if former else []
            elif name in TEXTS:
                changes[name] = [getattr(contact, name), before]
                setattr(contact, name, before)
            elif is_custom(name):
                changes[name] = [value_of(contact, name), before]
                set_value(contact, name, before)
        if any(map(is_custom, changes)):
            book = book or book_for(Contact)
            changes = told(Contact, changes, book)
            refilled.append(contact)
        contact.version += 1
        contacts.append(contact)
        deltas.update(tally_of([contact]))
        events.append(Change("changed", contact, changes, {"import": run.pk, "undo": True}, tuple(also)))
    hold(companies=moved)
    rewrite_contacts(contacts)
    index_values(refilled, book)
    if moved:
        touch_scores(contact.pk for contact in contacts)
    removed = _take_off(ones)
    reword_clients(contacts=[contact.pk for contact in contacts])
    for one, change in zip(ones, events, strict=True):
        if removed[one.rows[0].pk]:
            change.data["removed"] = removed[one.rows[0].pk]  # type: ignore[index]
    record_many(user=user, changes=events)
    refresh_companies(moved)
    adjust_tally(deltas)


def _take_off(ones: Sequence[Touched]) -> dict[int, list[str]]:
    """Take tags and notes off that the run added; returns {first row of the contact: names of its tags}."""
    keys = {key for one in ones for key in one.added("tags")}
    tags = {tag.key: tag for tag in Tag.objects.filter(key__in=keys)}
    by_tag: dict[int, list[int]] = defaultdict(list)
    notes: list[int] = []
    names: dict[int, list[str]] = {}
    for one in ones:
        added = [tags[key] for key in one.added("tags") if key in tags]
        names[one.rows[0].pk] = [tag.name for tag in added]
        for tag in added:
            by_tag[tag.pk].append(one.contact.pk)  # type: ignore[union-attr]
        notes += one.added("note")
    for tag_id, contacts in by_tag.items():
        ContactTag.objects.filter(tag_id=tag_id, contact_id__in=contacts).delete()
    Note.objects.filter(pk__in=notes).delete()
    return names


def _linked(company: Company | None) -> dict[str, Any] | None:
    return {"id": company.pk, "label": company.name} if company else None
