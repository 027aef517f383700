"""Paging by key: any data, any sort, every row once, in order, while others insert."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Contact
from crm.views.contact import ContactListView
from digiweb.paging import BadCursor, Sort, capped_count, decode_key, encode_key, keyset_page
from people.models import User
from tests.base import make_cast

SORTS = list(ContactListView.sorts)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = st.text(alphabet="abÉé z", max_size=3)


def expected_order(sort: Sort, contacts: list[Contact]) -> list[int]:
    keyed = sorted(
        contacts, key=lambda c: [getattr(c, name) for name in sort.fields], reverse=sort.descending
    )
    return [contact.pk for contact in keyed]


def walk(branches: Any, sort: Sort, size: int) -> list[int]:
    seen: list[int] = []
    page = keyset_page(branches(), sort, size=size)
    while True:
        seen += page.ids
        if not page.after:
            return seen
        page = keyset_page(branches(), sort, after=page.after, size=size)


@pytest.mark.django_db
@pytest.mark.sqlite
@FEW
@given(names=st.lists(NAMES, max_size=15), sort=st.sampled_from(SORTS), size=st.integers(1, 4))
def test_every_row_comes_once_and_in_order(names: list[str], sort: Sort, size: int) -> None:
    Contact.objects.all().delete()
    for name in names:
        Contact.objects.create(last_name=name)
    contacts = list(Contact.objects.all())
    assert walk(lambda: [Contact.objects.all()], sort, size) == expected_order(sort, contacts)


@pytest.mark.django_db
@pytest.mark.sqlite
@FEW
@given(
    rows=st.lists(st.tuples(NAMES, st.integers(-1, 2)), max_size=15),
    sort=st.sampled_from(SORTS),
    size=st.integers(1, 4),
)
def test_branches_of_several_owners_merge_into_one_order(
    rows: list[tuple[str, int]], sort: Sort, size: int
) -> None:
    Contact.objects.all().delete()
    User.objects.all().delete()
    cast = make_cast()
    owners = [cast["sales"], cast["sales2"], cast["stranger"]]
    for name, owner in rows:
        Contact.objects.create(last_name=name, owner=owners[owner] if owner >= 0 else None)
    manager = User.objects.get(pk=cast["manager"].pk)
    visible = list(Contact.objects.visible_to(manager))
    assert walk(lambda: Contact.objects.scope_branches(manager), sort, size) == expected_order(sort, visible)


@pytest.mark.django_db
@FEW
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=10))
def test_rows_inserted_meanwhile_neither_repeat_nor_hide_others(inserts: list[tuple[str, int]]) -> None:
    Contact.objects.all().delete()
    sort = next(sort for sort in SORTS if sort.name == "name")
    first = {Contact.objects.create(last_name=name).pk for name in "abcabc"}
    seen: list[int] = []
    page = keyset_page([Contact.objects.all()], sort, size=2)
    pending = list(inserts)
    while True:
        seen += page.ids
        for name, moment in pending:
            if moment == len(seen) // 2:
                Contact.objects.create(last_name=name)
        if not page.after:
            break
        page = keyset_page([Contact.objects.all()], sort, after=page.after, size=2)
    assert len(seen) == len(set(seen))
    assert first <= set(seen)


@pytest.mark.django_db
def test_going_back_meets_the_same_pages() -> None:
    for number in range(25):
        Contact.objects.create(last_name=f"n{number % 3}")
    for sort in SORTS:
        pages = [keyset_page([Contact.objects.all()], sort, size=10)]
        while pages[-1].after:
            pages.append(keyset_page([Contact.objects.all()], sort, after=pages[-1].after, size=10))
        back = pages[-1]
        for page in reversed(pages[:-1]):
            back = keyset_page([Contact.objects.all()], sort, before=back.before, size=10)
            assert back.ids == page.ids


@pytest.mark.django_db
def test_branches_that_a_filter_emptied_are_left_out() -> None:
    pks = {Contact.objects.create(last_name=name).pk for name in "abc"}
    full, empty = Contact.objects.all(), Contact.objects.none()
    for branches in ([full, empty], [empty, full], [empty, full, empty]):
        assert set(walk(lambda branches=branches: branches, SORTS[0], 2)) == pks
    assert keyset_page([empty, empty], SORTS[0]).ids == []


@given(st.text(max_size=60))
def test_a_key_that_we_did_not_give_is_refused(text: str) -> None:
    try:
        values = decode_key(text, Contact, ("sort_name", "id"))
    except BadCursor:
        return
    assert isinstance(values[1], int)


def test_a_key_comes_back_as_it_was() -> None:
    assert decode_key(encode_key(["éa", 12]), Contact, ("sort_name", "id")) == ["éa", 12]


@pytest.mark.django_db
def test_counting_stops_at_its_limit() -> None:
    for _number in range(5):
        Contact.objects.create(last_name="x")
    assert capped_count(Contact.objects.all(), limit=3) == (3, True)
    assert capped_count(Contact.objects.all(), limit=5) == (5, False)


@pytest.mark.django_db
def test_many_portions_are_not_counted_each_within_the_one_before() -> None:
    """Eight levels took all the memory of a machine: MariaDB's optimizer holds more than twice for each."""
    people = [Contact.objects.create(last_name=f"Nom {number}") for number in range(6)]
    portions = [Contact.objects.filter(pk=person.pk) for person in people]
    with CaptureQueriesContext(connection) as asked:
        assert capped_count(portions) == (6, False)
    assert all(query["sql"].count("CASE WHEN") <= 2 for query in asked)
    assert capped_count(portions, limit=4) == (4, True)
