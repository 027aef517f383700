"""Roll-ups: whatever happens, tallies and accesses equal a recount."""

import threading
from collections import Counter, defaultdict
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Company, CompanyAccess, Contact, ContactTally, ContactTotal
from crm.services.company import change_company, delete_companies
from crm.services.contact import change_contact, change_contacts, delete_contacts
from people.models import User
from tests.base import make_cast, make_company, make_contact
from timeline.models import BinEntry
from timeline.services.bin import restore_from_bin

OPERATIONS = st.tuples(
    st.sampled_from(
        ["make", "owner", "company", "status", "bulk", "delete", "restore", "sell", "drop company"]
    ),
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
        found[company.pk] = people or {0}
    return found


def assert_right() -> None:
    assert tallies() == recounted_tallies()
    totals = {(t.owner_id, t.status): t.count for t in ContactTotal.objects.exclude(count=0)}
    assert totals == dict(Counter((c.owner_id or 0, c.status) for c in Contact.objects.all()))
    assert accesses() == recounted_accesses()
    for company in Company.objects.all():
        assert company.contact_count == company.contacts.count()


@pytest.mark.django_db
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(OPERATIONS, max_size=12))
def test_rollups_equal_a_recount_after_any_operations(operations: list[tuple[str, int, int]]) -> None:
    for model in (BinEntry, ContactTally, ContactTotal, Contact, Company, User):
        model.objects.all().delete()
    cast = make_cast()
    admin, owners = cast["admin"], [None, cast["sales"], cast["sales2"], cast["stranger"]]
    companies = [make_company(admin, name=f"C{n}", owner=owners[n]) for n in range(3)]
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
        elif verb == "drop company" and company:
            delete_companies(user=admin, pks=[company.pk])
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
