"""Roll-ups: whatever happens, tallies and accesses equal a recount."""

import threading
from collections import Counter, defaultdict
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import (
    Company,
    CompanyAccess,
    Contact,
    ContactImport,
    ContactTag,
    ContactTally,
    ContactTotal,
    Tag,
)
from crm.services.company import change_companies, change_company, delete_companies
from crm.services.contact import change_contact, change_contacts, delete_contacts, tag_contacts
from crm.services.merge import merge_records, undo_merge
from crm.services.tag import create_tag, delete_tag
from people.models import User
from tests.base import make_cast, make_company, make_contact
from tests.crm.imports import imported, table, undone
from timeline.models import BinEntry, Merge
from timeline.services.bin import restore_from_bin

VERBS = """
    make owner company status bulk delete restore sell drop_company rename tag tag_many drop_tag recompany
    import undo_import merge unmerge
"""
OPERATIONS = st.tuples(
    st.sampled_from(VERBS.split()),
    st.integers(0, 5),
    st.integers(0, 3),
)


def tallies() -> dict[tuple[int, str, str], int]:
    rows = ContactTally.objects.exclude(count=0).values_list("owner_id", "status", "day", "count")
    return {(owner, status, day.isoformat()): count for owner, status, day, count in rows}


def recounted_tallies() -> dict[tuple[int, str, str], int]:
    return dict(
        Counter(
            (c.owner_id or 0, c.status, timezone.localtime(c.created_at).date().isoformat())
            for c in Contact.objects.all()
        )
    )


def accesses() -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for company, person in CompanyAccess.objects.values_list("company_id", "person_id"):
        found[company].add(person)
    return dict(found)


def recounted_accesses() -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for company in Company.objects.all():
        people = {contact.owner_id or 0 for contact in company.contacts.all()}
        people |= {company.owner_id} if company.owner_id else set()
        found[company.pk] = people if people and 0 not in people else {0}
    return found


def copies(carrier: Any) -> tuple[list[Any], list[Any]]:
    """What the rows of a carrier say of their records, and what the records say themselves."""
    rows = carrier.objects.order_by("pk")
    names = carrier.carries
    return list(rows.values_list(*names)), list(
        rows.values_list(*(f"{carrier.carries_of}__{name}" for name in names))
    )


def an_import(admin: User, owner: User | None, which: int) -> ContactImport:
    """Five rows with tags: of new companies and of those that are there, some contacts known from before."""
    rows = [f"P{n},Q{n * which % 7},a{n + which % 2}@x.fr,,C{n},,Lyon,,Lead,{which}" for n in range(4)]
    people: dict[str, Any] = {"assign": "nobody"}
    if owner:
        people = {"assign": "round_robin", "people": [owner.pk]}
    rows.append("Seul,Ici,,0612345678,New,,,,Client,")
    return imported(admin, table(*rows), tags=["T0", "Neuf"], on_duplicate="update", **people)


def assert_right() -> None:
    assert tallies() == recounted_tallies()
    totals = {(t.owner_id, t.status): t.count for t in ContactTotal.objects.exclude(count=0)}
    assert totals == dict(Counter((c.owner_id or 0, c.status) for c in Contact.objects.all()))
    assert accesses() == recounted_accesses()
    for carrier in (ContactTag, CompanyAccess):
        carried, true = copies(carrier)
        assert carried == true
    for company in Company.objects.all():
        assert company.contact_count == company.contacts.count()


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(OPERATIONS, min_size=3, max_size=14))
def test_rollups_equal_a_recount_after_any_operations(operations: list[tuple[str, int, int]]) -> None:
    for model in (BinEntry, Merge, ContactImport, ContactTally, ContactTotal, Contact, Company, Tag, User):
        model.objects.all().delete()
    cast = make_cast()
    admin, owners = cast["admin"], [None, cast["sales"], cast["sales2"], cast["stranger"]]
    companies = [make_company(admin, name=f"C{n}", owner=owners[n]) for n in range(3)]
    tags = [create_tag(user=admin, tag=Tag(name=f"T{n}")) for n in range(3)]
    runs: list[ContactImport] = []
    for verb, which, what in operations:
        contacts = list(Contact.objects.order_by("pk"))
        contact = contacts[which % len(contacts)] if contacts else None
        company = Company.objects.filter(pk=companies[what % 3].pk).first()
        if verb == "make":
            make_contact(admin, owner=owners[what], company=company)
        elif verb == "restore":
            entry = BinEntry.objects.filter(restored_at__isnull=True).order_by("-pk").first()
            if entry:
                restore_from_bin(user=admin, batch=entry.batch)
        elif verb == "sell" and company:
            change_company(user=admin, company=company, values={"owner": owners[which % 4]})
        elif verb == "drop_company" and company:
            delete_companies(user=admin, pks=[company.pk])
        elif verb == "recompany" and company:
            values = {"status": Company.Status.values[which % 3], "industry": "health", "name": f"N{which}"}
            if what % 2:
                change_company(user=admin, company=company, values=values)
            else:
                change_companies(user=admin, pks=[company.pk], values=values)
        elif verb == "import":
            run = an_import(admin, owners[what], which)
            runs += [run] if run.created or run.updated else []
        elif verb == "undo_import" and runs:
            undone(admin, runs.pop())
        elif verb == "drop_tag" and (tag := Tag.objects.filter(pk=tags[what % 3].pk).first()):
            delete_tag(user=admin, tag=tag)
        elif verb == "unmerge":
            merge = Merge.objects.filter(undone_at=None).order_by("-pk").first()
            if merge and Contact.objects.filter(pk=merge.kept_id).exists():
                undo_merge(user=admin, merge=merge)
        elif contact is None:
            continue
        elif verb == "owner":
            change_contact(user=admin, contact=contact, values={"owner": owners[what]})
        elif verb == "company":
            change_contact(user=admin, contact=contact, values={"company": company})
        elif verb == "status":
            change_contact(user=admin, contact=contact, values={"status": Contact.Status.values[what % 3]})
        elif verb == "bulk":
            change_contacts(user=admin, pks=[c.pk for c in contacts], values={"owner": owners[what]})
        elif verb == "delete":
            delete_contacts(user=admin, pks=[contact.pk])
        elif verb == "rename":
            change_contact(user=admin, contact=contact, values={"last_name": f"Z{what}", "email": ""})
        elif verb == "tag":
            there = Tag.objects.filter(pk__in=[tag.pk for tag in tags[: what + 1]])
            change_contact(user=admin, contact=contact, values={}, tags=there)
        elif verb == "tag_many":
            add = Tag.objects.filter(pk=tags[what % 3].pk)
            tag_contacts(user=admin, pks=[c.pk for c in contacts], add=add)
        elif verb == "merge" and len(contacts) > 1:
            other = contacts[(which + 1) % len(contacts)]
            merge_records(user=admin, kept=contact, lost=other, take={"last_name", "owner"})
    assert_right()


@pytest.mark.django_db(transaction=True)
def test_two_people_who_move_contacts_of_one_company_at_once_leave_it_right() -> None:
    cast = make_cast()
    company = make_company(cast["admin"], owner=None)
    contacts = [make_contact(cast["admin"], owner=cast["sales"], company=company) for _number in range(8)]
    troubles: list[Exception] = []
    barrier = threading.Barrier(4)

    def move(place: int, owner: Any) -> None:
        try:
            barrier.wait()
            for contact in contacts[place::4]:
                change_contact(user=cast["admin"], contact=contact, values={"owner": owner})
        except Exception as error:
            troubles.append(error)
        finally:
            connection.close()

    owners = [cast["sales2"], cast["stranger"], None, cast["manager"]]
    threads = [threading.Thread(target=move, args=(place, owner)) for place, owner in enumerate(owners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    assert_right()


@pytest.mark.django_db(transaction=True)
def test_several_who_add_contacts_to_one_company_at_once_never_wait_for_each_other_in_a_ring() -> None:
    """An inserted contact holds its company for reading: two who then both count its contacts cannot."""
    cast = make_cast()
    company = make_company(cast["admin"], owner=None)
    other = make_company(cast["admin"], owner=None)
    there = [make_contact(cast["admin"], company=other) for _number in range(6)]
    troubles: list[Exception] = []
    barrier = threading.Barrier(4)

    def work(place: int) -> None:
        try:
            for number in range(6):
                barrier.wait()
                if place == 0:
                    change_company(user=cast["admin"], company=company, values={"name": f"Name {number}"})
                elif place == 1:
                    change_contact(user=cast["admin"], contact=there[number], values={"company": company})
                else:
                    make_contact(cast["admin"], company=company, owner=cast["sales"])
        except Exception as error:
            troubles.append(error)
            barrier.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    assert_right()
