"""The home page: every figure opens exactly the rows that it counts (SPEC N9)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import Contact
from crm.services.contact import change_contact
from crm.services.deal import move_deal
from people.models import User
from tests.base import client_of, make_activity, make_cast, make_contact, make_deal

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


def widget_of(client: Any, template: str) -> dict[str, Any]:
    return next(w for w in client.get("/").context["widgets"] if w["template"] == template)  # type: ignore[no-any-return]


@pytest.mark.parametrize("key", ["admin", "manager", "sales", "stranger"])
def test_each_figure_of_deals_is_the_number_of_rows_it_opens(cast: dict[str, User], key: str) -> None:
    for owner in ("sales", "sales2", "stranger"):
        kept, won = make_deal(cast[owner], amount=1000), make_deal(cast[owner], amount=500)
        make_deal(cast[owner])
        make_activity(cast[owner], deal=kept)
        move_deal(user=cast[owner], deal=won, to="won")
    client = client_of(cast[key])
    widget = widget_of(client, "home/deals.html")
    assert widget["running"]["count"] > 0
    for name in ("running", "idle", "won", "before"):
        opened = client.get(widget[name]["url"]).context["list"]
        assert opened["count"] == widget[name]["count"], name
    assert widget["won"]["amount"] == 500 * widget["won"]["count"]


def test_ones_next_activities_with_what_is_overdue(cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    make_activity(hugo, subject="En retard", starts_at=timezone.now() - timedelta(days=2))
    make_activity(hugo, subject="Bientôt")
    make_activity(cast["sales2"], subject="D’une autre")
    client = client_of(hugo)
    widget = widget_of(client, "home/activities.html")
    assert [line["activity"].subject for line in widget["rows"]] == ["En retard", "Bientôt"]
    assert client.get(widget["late"]["url"]).context["list"]["count"] == widget["late"]["count"] == 1
    assert client_of(cast["marketing"]).get("/").status_code == 200


def test_who_has_no_contacts_has_a_home_all_the_same(cast: dict[str, User]) -> None:
    page = client_of(cast["marketing"]).get("/")
    assert page.status_code == 200
    assert all(widget["template"] != "home/contacts.html" for widget in page.context["widgets"])


def test_the_latest_events_tell_nothing_of_records_that_are_out_of_sight_by_now(
    cast: dict[str, User],
) -> None:
    hugo = cast["sales"]
    stays = make_contact(hugo, owner=hugo, last_name="Petit")
    goes = make_contact(hugo, owner=hugo, last_name="Grand")
    change_contact(user=cast["admin"], contact=goes, values={"owner": cast["stranger"]})
    page = client_of(hugo).get(reverse("latest_events")).content.decode()
    assert str(stays) in page
    assert str(goes) not in page
    assert str(goes) in client_of(cast["admin"]).get(reverse("latest_events")).content.decode()
