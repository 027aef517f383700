"""Tables that carry copies: what they answer is what the join would."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from crm.models import Company, CompanyAccess, Contact, ContactTag, Tag
from digiweb.carriers import carried, follow
from digiweb.paging import Sort, capped_count, keyset_page
from people.models import User
from tests.base import client_of, make_cast, make_company, make_contact

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("sqlite" in str(connection.vendor), reason="SQLite has no branches"),
]
NAME = Sort("name", "", ("sort_name", "id"))
SORTS = (
    NAME,
    Sort("-score", "", ("score", "id"), descending=True),
    Sort("newest", "", ("id",), descending=True),
)


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def tag(cast: dict[str, User]) -> Tag:
    """On two contacts of three, of all owners."""
    tag = Tag.objects.create(name="VIP", key="vip")
    owners = [None, cast["sales"], cast["sales2"], cast["stranger"]]
    for number in range(24):
        make_contact(
            cast["admin"],
            last_name=f"N{number * 7 % 5}",
            email=f"a{number}@x.fr" if number % 4 else "",
            owner=owners[number % 4],
            tags=[tag] if number % 3 else [],
        )
    return tag


@pytest.mark.parametrize("who", ["admin", "sales", "manager", "stranger"])
@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.name)
def test_contacts_of_a_tag_are_paged_and_counted_without_a_look_at_them(
    cast: dict[str, User], tag: Tag, who: str, sort: Sort
) -> None:
    user = cast[who]
    rows = Contact.objects.visible_to(user).filter(tags=tag)
    expected = list(rows.order_by(*sort.order_by).values_list("pk", flat=True))
    branches = [branch.filter(tags=tag) for branch in Contact.objects.scope_branches(user)]
    portions = [portion.filter(tags=tag) for portion in Contact.objects.scope_portions(user)]
    seen: list[int] = []
    after, more = "", True
    with CaptureQueriesContext(connection) as queries:
        while more:
            page = keyset_page(branches, sort, size=3, after=after)
            seen, after, more = [*seen, *page.ids], page.after, bool(page.after)
        assert capped_count(portions) == (len(expected), False)
    assert seen == expected
    assert not any("`crm_contact`" in query["sql"] for query in queries.captured_queries)


@pytest.mark.parametrize("who", ["admin", "sales", "manager", "stranger"])
@pytest.mark.parametrize("conditions", [{}, {"status": "client"}, {"industry": "health"}, {"city": "Lyon"}])
def test_companies_within_sight_are_paged_and_counted(
    cast: dict[str, User], who: str, conditions: dict[str, str]
) -> None:
    owners = [None, cast["sales"], cast["sales2"], cast["stranger"]]
    for number in range(16):
        company = make_company(
            cast["admin"],
            name=f"C{number * 5 % 7}",
            owner=owners[number % 4],
            status=("client", "prospect")[number % 2],
            industry=("health", "legal")[number // 2 % 2],
            city=("Lyon", "Nice")[number // 4 % 2],
        )
        make_contact(cast["admin"], owner=owners[(number * 3 + number // 4) % 4], company=company)
    user = cast[who]
    rows = Company.objects.visible_to(user).filter(**conditions)
    for sort in (NAME, SORTS[2]):
        branches = [branch.filter(**conditions) for branch in Company.objects.scope_branches(user)]
        assert keyset_page(branches, sort).ids == list(
            rows.order_by(*sort.order_by).values_list("pk", flat=True)
        )
    portions = [portion.filter(**conditions) for portion in Company.objects.scope_portions(user)]
    assert capped_count(portions) == (rows.count(), False)
    assert capped_count(portions, limit=1) == (1, rows.count() > 1)


def test_only_what_is_carried_is_asked_of_a_carrier(cast: dict[str, User], tag: Tag) -> None:
    tagged = Contact.objects.filter(tags=tag)
    for rows in (
        tagged.filter(owner=cast["sales"]),
        tagged.exclude(score__lt=50),
        tagged.filter(score__gte=9),
    ):
        lean = carried(rows, NAME.fields)
        assert lean is not None
        assert set(lean.queryset.values_list("contact_id", flat=True)) == set(
            rows.values_list("pk", flat=True)
        )
    others: tuple[Any, ...] = (
        Contact.objects.all(),
        tagged.filter(city="Lyon"),
        tagged.filter(Q(owner=cast["sales"]) | Q(city="Lyon")),
        tagged.filter(company__name="C"),
        Contact.objects.filter(contacttag__tag__name="VIP"),
        Company.objects.filter(contacts__status="lead"),
    )
    for other in others:
        assert carried(other) is None
    assert carried(tagged, ("created_at", "id")) is None


def test_copies_follow_on_request(cast: dict[str, User], tag: Tag) -> None:
    contact = Contact.objects.filter(tags=tag).first()
    assert contact is not None
    Contact.objects.filter(pk=contact.pk).update(score=1, owner=cast["stranger"], sort_name="zz")
    follow(Contact, [contact.pk])
    row = ContactTag.objects.get(contact=contact)
    assert (row.score, row.owner_id, row.sort_name) == (1, cast["stranger"].pk, "zz")
    company = make_company(cast["admin"], owner=cast["sales"])
    Company.objects.filter(pk=company.pk).update(industry="legal")
    follow(Company, [company.pk])
    assert CompanyAccess.objects.get(company=company).industry == "legal"


def test_the_page_of_a_tag_shows_its_contacts(cast: dict[str, User], tag: Tag) -> None:
    page: Any = client_of(cast["sales"]).get(f"/crm/contacts/?tags={tag.pk}&sort=name")
    expected = Contact.objects.visible_to(cast["sales"]).filter(tags=tag)
    assert page.context["list"]["count"] == expected.count() == len(page.context["list"]["rows"])
