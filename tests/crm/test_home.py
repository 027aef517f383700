"""The home page: every figure opens exactly the rows that it counts (SPEC N9)."""

import pytest

from crm.models import Contact
from people.models import User
from tests.base import client_of, make_cast, make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    cast = make_cast()
    for key in ("sales", "sales2", "stranger"):
        for status in Contact.Status.values:
            make_contact(cast["admin"], owner=cast[key], status=status)
    make_contact(cast["admin"], owner=None)
    return cast


@pytest.mark.parametrize("key", ["admin", "manager", "sales", "stranger"])
def test_each_figure_is_the_number_of_rows_it_opens(cast: dict[str, User], key: str) -> None:
    client = client_of(cast[key])
    widget = next(w for w in client.get("/").context["widgets"] if w["template"] == "home/contacts.html")
    figures = [*widget["figures"], widget["week"], widget["unassigned"]]
    assert sum(figure["value"] for figure in widget["figures"]) > 0
    for figure in figures:
        opened = client.get(figure["url"]).context["list"]
        assert opened["count"] == figure["value"], figure["url"]
    before = client.get(widget["week"]["before_url"]).context["list"]
    assert before["count"] == widget["week"]["before"] == 0


def test_who_has_no_contacts_has_a_home_all_the_same(cast: dict[str, User]) -> None:
    page = client_of(cast["marketing"]).get("/")
    assert page.status_code == 200
    assert all(widget["template"] != "home/contacts.html" for widget in page.context["widgets"])
