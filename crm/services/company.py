"""Verbs of companies, and what is derived from their contacts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.db.models import Count

from crm.models import Company, CompanyAccess, Contact, Tag
from crm.services.client_signs import reword_clients
from crm.services.custom_value import settle_values
from crm.services.deal_words import reword_deals
from crm.services.holding import hold_members
from crm.services.score import contacts_of, touch_scores
from digiweb.audit import Change, record_many
from digiweb.carriers import copies_of, follow
from digiweb.changes import BATCH, change_many, change_record, create_record
from digiweb.querysets import reach_of
from digiweb.scopes import EVERYBODY
from timeline.services.bin import move_to_bin

# What a client is found by.
SHOWN_BY_CLIENTS = {"name", "city", "siren", "email", "phone"}


@transaction.atomic
def create_company(
    *, user: Any, company: Company, tags: Iterable[Tag] = (), filled: Mapping[str, Any] | None = None
) -> Company:
    """Save a new company with its tags; `filled` names the source and the day of its legal data."""
    create_record(user=user, obj=company, data=filled)
    company.tags.set(tags)
    refresh_companies([company.pk])
    return company


@transaction.atomic
def change_company(
    *,
    user: Any,
    company: Company,
    values: Mapping[str, Any],
    version: int | None = None,
    tags: Iterable[Tag] | None = None,
    filled: Mapping[str, Any] | None = None,
) -> dict[str, list[Any]]:
    """Change a company; raises StaleVersion when `version` is no longer the current one.

    `filled` names the source and the day of the legal data that were taken over.
    """
    if "name" in values and not Company.objects.filter(pk=company.pk, name=values["name"]).exists():
        hold_members([company.pk])  # its name is among their words
    changes = change_record(
        user=user,
        obj=company,
        values=with_siren(values),
        version=version,
        action="filled" if filled else "changed",
        data=filled,
    )
    if tags is not None:
        changes |= set_tags(user=user, obj=company, tags=tags)
    if {"name", "owner"} & changes.keys():
        refresh_companies([company.pk])
    if "name" in changes:
        reword_contacts(company)
        reword_deals(company=company)
    if SHOWN_BY_CLIENTS & changes.keys():
        reword_clients(companies=[company.pk])
    return changes


def with_siren(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A SIRET brings its SIREN, its first nine digits, unless one is given with it."""
    siret = values.get("siret")
    return {**values, "siren": siret[:9]} if siret and not values.get("siren") else values


@transaction.atomic
def change_companies(*, user: Any, pks: Sequence[int], values: Mapping[str, Any]) -> int:
    """Set the same values on many companies; returns how many differed."""
    locked = list(Company.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    changed = change_many(user=user, objs=locked, values=values)
    refresh_companies([company.pk for company in changed])
    if SHOWN_BY_CLIENTS & values.keys():
        reword_clients(companies=[company.pk for company in changed])
    return len(changed)


@transaction.atomic
def tag_companies(
    *, user: Any, pks: Sequence[int], add: Iterable[Tag] = (), remove: Iterable[Tag] = ()
) -> int:
    """Put tags on companies and take tags off; returns how many companies were given."""
    companies = list(Company.objects.filter(pk__in=pks).order_by("pk"))
    change_tags(user=user, objs=companies, add=list(add), remove=list(remove))
    return len(companies)


def set_tags(*, user: Any, obj: Any, tags: Iterable[Tag]) -> dict[str, list[Any]]:
    """Make `tags` the record's tags; returns and records {"tags": [before, after]} when they differ."""
    before = sorted(str(tag) for tag in obj.tags.all())
    obj.tags.set(tags)
    follow(type(obj), [obj.pk])
    after = sorted(str(tag) for tag in obj.tags.all())
    if before == after:
        return {}
    obj.version += 1
    obj.save(update_fields=["version", "updated_at"])
    changes = {"tags": [", ".join(before), ", ".join(after)]}
    record_many(user=user, changes=[Change("changed", obj, changes)])
    return changes


def change_tags(*, user: Any, objs: Sequence[Any], add: Sequence[Tag], remove: Sequence[Tag]) -> None:
    """Add and remove tags on many records of one model, in a few statements."""
    if not objs:
        return
    through = type(objs[0]).tags.through
    owner = type(objs[0])._meta.model_name
    ids = [obj.pk for obj in objs]
    through._default_manager.filter(**{f"{owner}_id__in": ids}, tag__in=remove).delete()
    through._default_manager.bulk_create(
        [through(**{f"{owner}_id": pk}, tag=tag) for pk in ids for tag in add],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    if add:
        follow(type(objs[0]), ids)
    data = {"added": [str(tag) for tag in add], "removed": [str(tag) for tag in remove]}
    record_many(user=user, changes=[Change("tagged", obj, data=data) for obj in objs])


@transaction.atomic
def refresh_companies(ids: Iterable[int]) -> None:
    """Count the contacts of these companies again and work out again who sees them.

    Called in the transaction of the change; it locks the companies.
    """
    ids = sorted({pk for pk in ids if pk})
    for start in range(0, len(ids), BATCH):
        _refresh_batch(ids[start : start + BATCH])


def seers(people: Collection[int]) -> Collection[int]:
    """Of those who see a company by themselves, whom its access names: EVERYBODY stands alone, so that no
    row of a person's sight has to be looked for among everybody's when companies are counted.
    """
    return (EVERYBODY,) if EVERYBODY in people or not people else people


def _refresh_batch(ids: list[int]) -> None:
    # Locked, so that of two people who move contacts of one company the second counts anew.
    locked = Company.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    companies = list(locked.only("id", "owner_id", "contact_count", *CompanyAccess.carries))
    owners: dict[int, set[int]] = defaultdict(set)
    counts: dict[int, int] = defaultdict(int)
    groups = Contact.objects.filter(company_id__in=ids).order_by().values("company_id", "owner_id")
    for group in groups.annotate(number=Count("pk")):
        owners[group["company_id"]].add(group["owner_id"] or EVERYBODY)
        counts[group["company_id"]] += group["number"]
    wanted: dict[tuple[int, int], dict[str, Any]] = {}
    for company in companies:
        people = owners[company.pk] | ({company.owner_id} if company.owner_id else set())
        for person in seers(people):
            wanted[person, company.pk] = copies_of(company)
    present = {
        (access.person_id, access.company_id): access
        for access in CompanyAccess.objects.filter(company_id__in=ids)
    }
    kept = {
        key
        for key, access in present.items()
        if wanted.get(key) == {name: getattr(access, name) for name in CompanyAccess.carries}
    }
    stale = [access.pk for key, access in present.items() if key not in kept]
    CompanyAccess.objects.filter(pk__in=stale).delete()
    CompanyAccess.objects.bulk_create(
        [
            CompanyAccess(person_id=person, company_id=company, **copies)
            for (person, company), copies in sorted(wanted.items(), key=itemgetter(0))
            if (person, company) not in kept
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    moved = [company for company in companies if company.contact_count != counts[company.pk]]
    for company in moved:
        company.contact_count = counts[company.pk]
    Company.objects.bulk_update(moved, ["contact_count"], batch_size=BATCH)


def reword_contacts(company: Company) -> None:
    """A company's name is among the words by which its contacts are found."""
    # Locked, so that who renames one of them meanwhile derives its words after us.
    contacts = list(Contact.objects.select_for_update().filter(company=company).order_by("pk"))
    for contact in contacts:
        contact.company = company
        contact.search_text = contact.derive_search_text()
    Contact.objects.bulk_update(contacts, ["search_text"], batch_size=BATCH)


@transaction.atomic
def delete_companies(*, user: Any, pks: Sequence[int], batch: Any = None) -> Any:
    """Move companies to the bin as one batch; their contacts stay, without a company."""
    hold_members(pks)  # which lose their company
    companies = list(Company.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    return move_to_bin(user=user, objs=companies, batch=batch)


def companies_came_or_went(companies: Sequence[Company], *, came: bool) -> None:
    """What follows when companies come back from the bin (their access rows left with them), or go there."""
    if came:
        refresh_companies(company.pk for company in companies)
        settle_values(companies)
    touch_scores(contacts_of(company.pk for company in companies if company.solvency is not None))


def count_visible_contacts(companies: Sequence[Company], user: Any) -> None:
    """Let `contact_count` say how many contacts this person sees: what its link opens."""
    reach = reach_of(user, Contact.module, "view")
    if reach == "all":
        return
    visible = Contact.objects.visible_to(user).filter(company__in=[company.pk for company in companies])
    counted = dict(visible.order_by().values_list("company_id").annotate(number=Count("pk")))
    for company in companies:
        company.contact_count = counted.get(company.pk, 0)
