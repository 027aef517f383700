"""What a list says it holds, be it counted or read from totals, is what one finds in it."""

from itertools import product

import pytest

from crm.models import Contact, Deal
from people.models import User
from tests.base import client_of, make_cast, make_contact, make_deal

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def cast() -> dict[str, User]:
    cast = make_cast()
    owners = [cast["sales"], cast["sales2"], cast["stranger"], None]
    for number, (owner, status) in enumerate(product(owners, Contact.Status.values)):
        make_contact(cast["admin"], last_name=f"N{number}", owner=owner, status=status)
    make_contact(cast["admin"], last_name="Deux", owner=cast["sales"], status="lead")
    for number, (owner, stage) in enumerate(product(owners[:3], Deal.OPEN)):
        make_deal(owner, title=f"N{number}", owner=owner, stage=stage)
    return cast


def queries_of(cast: dict[str, User], more: tuple[str, ...]) -> list[str]:
    owners = ["", "me", "nobody", *(str(cast[key].pk) for key in ("sales", "sales2", "stranger"))]
    return [f"owner={owner}&{rest}" for owner, rest in product(owners, more)]


@pytest.mark.parametrize("who", ["admin", "manager", "sales", "sales2", "stranger"])
def test_contacts_are_as_many_as_is_said(cast: dict[str, User], who: str) -> None:
    client = client_of(cast[who])
    for query in queries_of(cast, ("", "status=lead", "status=client", "q=N1", "score_min=0")):
        shown = client.get(f"/crm/contacts/?all=1&{query}").context["list"]
        assert shown["count"] == len(shown["rows"]), query
        board = client.get(f"/crm/contacts/?all=1&mode=kanban&{query}").context["list"]
        assert board["count"] == shown["count"], query
        for column in board["kanban"]:
            assert column["count"] == len(column["cards"]), query


@pytest.mark.parametrize("who", ["admin", "manager", "sales", "sales2", "stranger"])
def test_deals_are_as_many_as_is_said(cast: dict[str, User], who: str) -> None:
    client = client_of(cast[who])
    contradiction = "state=open&stage=won"
    more = ("", "state=open", "state=won", "stage=proposal", "idle=yes", "q=N1", contradiction)
    for query in queries_of(cast, more):
        shown = client.get(f"/crm/deals/?all=1&mode=list&{query}").context["list"]
        assert shown["count"] == len(shown["rows"]), query
        board = client.get(f"/crm/deals/?all=1&mode=kanban&{query}").context["list"]
        assert board["count"] == shown["count"], query
        for column in board["kanban"]:
            assert column["count"] == len(column["cards"]), query


def test_a_value_that_is_wrong_finds_nothing_and_says_so(cast: dict[str, User]) -> None:
    client = client_of(cast["admin"])
    for mode in ("list", "kanban"):
        for url in (f"/crm/contacts/?owner=x&mode={mode}", f"/crm/deals/?owner=x&mode={mode}"):
            shown = client.get(url).context["list"]
            assert (shown["count"], shown["rows"]) == (0, [])
