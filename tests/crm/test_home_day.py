"""Today on the home page: one's own for salespeople, everything in sight for the company (SPEC T5, N9)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crm.models import Activity, Contact, Deal
from people.models import User
from people.services.target import set_targets
from tests.base import client_of, make_activity, make_cast, make_contact, make_deal

pytestmark = pytest.mark.django_db
URL = "/crm/today/"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def day(cast: dict[str, User]) -> None:
    now, today = timezone.now(), timezone.localdate()
    for name in ("sales", "sales2", "stranger"):
        owner = cast[name]
        noon = timezone.localtime(now).replace(hour=23, minute=58)
        make_activity(owner, starts_at=noon, subject="Rendez-vous")
        make_activity(owner, starts_at=now - timedelta(days=2))
        make_activity(owner, status="done", starts_at=now)
        done = make_activity(owner, status="done", starts_at=now)
        Activity.objects.filter(pk=done.pk).update(done_at=now - timedelta(days=7))
        make_deal(owner, expected_on=today - timedelta(days=3))
        stale = make_deal(owner)
        Deal.objects.filter(pk=stale.pk).update(last_activity_at=now - timedelta(days=90))
        make_deal(owner, stage="won", amount=Decimal(700))
        before = make_deal(owner, stage="won", amount=Decimal(300))
        Deal.objects.filter(pk=before.pk).update(
            closed_on=today - timedelta(days=7), created_at=now - timedelta(days=7)
        )
        for status, score in (("lead", 90), ("prospect", 75), ("lead", 20), ("client", 95)):
            contact = make_contact(owner, owner=owner, status=status)
            Contact.objects.filter(pk=contact.pk).update(score=score)


def opened(client: Any, url: str) -> list[Any]:
    page = client.get(url)
    assert page.status_code == 200, url
    return [row["record"] for row in page.context["list"]["rows"]]


@pytest.mark.parametrize(("who", "people"), [("sales", 1), ("manager", 0), ("admin", 3)])
def test_every_figure_opens_its_rows(cast: dict[str, User], day: None, who: str, people: int) -> None:
    client = client_of(cast[who])
    page = client.get(URL)
    told = page.context["appointments"]
    assert told["count"] == people == len(opened(client, told["url"]))
    assert [row["activity"].subject for row in told["rows"]] == ["Rendez-vous"] * people
    for one in page.context["needs"]:
        assert one["count"] == len(opened(client, one["url"])), one["url"]
    assert len(page.context["needs"]) == (4 if people else 0)
    for one in page.context["hot"]["counts"]:
        assert one["count"] == people == len(opened(client, one["url"])), one["url"]
    assert {contact.score for contact in page.context["hot"]["rows"]} <= {90, 75}
    amounts, *counts = page.context["weeks"]
    for cell in amounts["cells"]:
        assert cell["value"] == sum((row.amount for row in opened(client, cell["url"])), Decimal(0))
    for line in counts:
        for cell in line["cells"]:
            assert cell["value"] == len(opened(client, cell["url"])), cell["url"]
    assert amounts["cells"][0]["value"] == 700 * people


def test_the_page_asks_for_it_after_it_is_drawn(cast: dict[str, User]) -> None:
    assert URL in client_of(cast["sales"]).get("/").content.decode()
    assert URL not in client_of(cast["marketing"]).get("/").content.decode()
    assert client_of(cast["marketing"]).get(URL).status_code == 403
    part = client_of(cast["sales"]).get(URL, headers={"HX-Request": "true", "HX-Target": "home-day-part"})
    assert b"<html" not in part.content


def test_what_was_won_is_told_against_the_targets_of_the_same_people(cast: dict[str, User]) -> None:
    today = timezone.localdate()
    for name, revenue in (("sales", 1000), ("sales2", 3000), ("stranger", 4000)):
        values = {today.month: {"revenue": Decimal(revenue)}}
        set_targets(user=cast["admin"], person=cast[name], year=today.year, values=values)
        make_deal(cast[name], stage="won", amount=Decimal(500))
    targets = {}
    for name in ("sales", "manager", "admin"):
        widgets = client_of(cast[name]).get("/").context["widgets"]
        targets[name] = next(one["target"] for one in widgets if one["template"] == "home/deals.html")
    assert [(one["amount"], one["percent"]) for one in targets.values()] == [
        (1000, 50),
        (4000, 25),
        (8000, 18),
    ]


def test_it_costs_the_same_for_many(
    cast: dict[str, User], day: None, django_assert_max_num_queries: Any
) -> None:
    client = client_of(cast["sales"])
    client.get(URL)
    with django_assert_max_num_queries(25):
        client.get(URL)
