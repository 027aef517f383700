"""The pipeline: every figure opens exactly the deals that it counts, within sight (SPEC S1, N9)."""

import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import Deal
from crm.services.deal import change_deal, move_deal
from crm.services.deal_totals import recount_deals
from people.models import User
from people.services.target import set_targets
from sales.pipeline_figures import Sums, short_euros
from tests.base import client_of, make_cast, make_deal, make_role, make_user

pytestmark = pytest.mark.django_db
URL = "/sales/pipeline/"
MOVES = (
    [], ["qualification"], ["proposal", "negotiation"], ["won"], ["proposal", "won"], ["lost"],
    ["negotiation", "lost"], ["won", "qualification"],
)  # fmt: skip


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def deals(cast: dict[str, User]) -> list[Deal]:
    """Forty deals of three people with all that the page tells apart."""
    draw, today, found = random.Random(7), timezone.localdate(), []
    owners = [cast["sales"], cast["sales2"], cast["stranger"]]
    for place in range(40):
        owner = owners[place % 3]
        expected = draw.choice([None, today + timedelta(days=draw.randrange(-60, 420))])
        deal = make_deal(
            owner,
            title=f"Projet {place}",
            amount=Decimal(draw.randrange(1, 90) * 100),
            expected_on=expected,
            source=draw.choice(["", "Salon", "salon", "Site web"]),
            own_probability=draw.choice([None, 35]),
        )
        for _time in range(draw.randrange(4)):
            if deal.expected_on:
                later = deal.expected_on + timedelta(days=draw.randrange(1, 20))
                change_deal(user=cast["admin"], deal=deal, values={"expected_on": later})
        for to in draw.choice(MOVES):
            move_deal(user=cast["admin"], deal=deal, to=to, reason="price")
        found.append(deal)
    # What happened months ago: the sums follow by a recount.
    for deal in found:
        at = timezone.now() - timedelta(days=draw.choice([0, 3, 9, 20, 45, 100, 400]))
        closed = timezone.localdate(at) if deal.closed_on else None
        Deal.objects.filter(pk=deal.pk).update(
            created_at=at - timedelta(days=5), last_activity_at=at, closed_on=closed
        )
    recount_deals()
    return found


def told(figures: Any) -> Iterator[tuple[str, str, int, Decimal | None]]:
    """(what, address, count, amount) of all figures of the page."""
    for name in ("stages", "months", "put_off", "funnel"):
        for one in figures[name]:
            yield f"{name} {one.label}", one.url, one.count, one.amount
            if one.lost:
                yield f"{name} {one.label} lost", one.lost.url, one.lost.count, one.lost.amount
    total: Sums = figures["total"]
    yield "total", total.url, total.count, total.amount
    closed = figures["closed"]
    yield "won", closed["won_url"], closed["sums"].won, closed["sums"].amount
    yield "lost", closed["lost_url"], closed["sums"].lost, None
    yield "closed", closed["closed_url"], closed["sums"].closed, None
    for one in figures["stale"]["stages"]:
        yield f"stale {one['sums'].label}", one["sums"].url, one["sums"].count, None
    yield "stale", figures["stale"]["url"], figures["stale"]["count"], None


def opened(client: Client, url: str) -> list[Deal]:
    page = client.get(url)
    assert page.status_code == 200, url
    assert not page.context["list"]["next_url"]
    return [row["record"] for row in page.context["list"]["rows"]]


@pytest.mark.parametrize("who", ["admin", "manager", "sales"])
@pytest.mark.parametrize(
    "query",
    ["", "period=month", "period=last-year&who=me", "who=team-{manager}", "who={sales2}&period=year",
     "source=SALON", "source=Site+web&period=quarter&who={sales}"],
)  # fmt: skip
def test_every_figure_opens_the_deals_that_it_counts(
    cast: dict[str, User], deals: list[Deal], who: str, query: str
) -> None:
    client = client_of(cast[who])
    asked = query.format(**{name: person.pk for name, person in cast.items()})
    page = client.get(f"{URL}?{asked}")
    assert page.status_code == 200
    for what, url, count, amount in told(page.context):
        rows = opened(client, url)
        assert len(rows) == count, (what, url)
        if amount is not None:
            assert sum((row.amount for row in rows), Decimal(0)) == amount, (what, url)
    weighted = sum((one.weighted for one in page.context["months"]), Decimal(0))
    assert weighted == page.context["total"].weighted


def test_people_out_of_sight_are_left_out(cast: dict[str, User], deals: list[Deal]) -> None:
    page = client_of(cast["sales"]).get(f"{URL}?who={cast['stranger'].pk}")
    mine = {deal.pk for deal in Deal.objects.filter(owner=cast["sales"]) if deal.is_open}
    assert page.context["total"].count == len(mine)
    assert not page.context["asked"]["who"]
    shown = {row["deal"].owner_id for row in page.context["stale"]["longest"]}
    assert shown <= {cast["sales"].pk}


def test_without_a_grant_nothing_is_shown(cast: dict[str, User]) -> None:
    assert client_of(cast["marketing"]).get(URL).status_code == 403
    assert client_of(None).get(URL).status_code == 302
    own = make_user("seul@digiweb.test", role=make_role("seul", crm_deal=("own", ["view"])))
    assert client_of(own).get(URL).status_code == 200


def test_what_was_won_stands_beside_the_target(cast: dict[str, User]) -> None:
    today = timezone.localdate()
    for name, revenue in (("sales", 2000), ("sales2", 500)):
        values = {today.month: {"revenue": Decimal(revenue)}}
        set_targets(user=cast["admin"], person=cast[name], year=today.year, values=values)
    make_deal(cast["sales"], stage="won", amount=Decimal(500))
    mine = client_of(cast["sales"]).get(f"{URL}?period=month")
    assert mine.context["goal"].revenue == 2000
    assert mine.context["goal_percent"] == {"percent": 25, "shown": 25}
    team = client_of(cast["manager"]).get(f"{URL}?period=month")
    assert team.context["goal"].revenue == 2500


def test_the_page_costs_the_same_for_one_deal_and_for_many(
    cast: dict[str, User], deals: list[Deal], django_assert_max_num_queries: Any
) -> None:
    client = client_of(cast["admin"])
    client.get(URL)
    with django_assert_max_num_queries(20):
        client.get(URL)


def test_figures_alone_are_answered_to_htmx(cast: dict[str, User]) -> None:
    part = client_of(cast["sales"]).get(URL, headers={"HX-Request": "true", "HX-Target": "figures"})
    assert b"<html" not in part.content
    assert b'name="period"' in part.content


def test_amounts_are_short_where_there_is_little_room() -> None:
    assert short_euros(Decimal(950)).startswith("950")
    assert short_euros(Decimal(12_400)).startswith("12")
    assert short_euros(Decimal(2_340_000)).startswith("2")


# --- In the API


def test_the_api_tells_the_same_figures(cast: dict[str, User], deals: list[Deal]) -> None:
    client = client_of(cast["manager"])
    page = client.get(f"{URL}?period=year").context
    told = client.get("/api/v1/pipeline/?period=year").json()
    assert told["total"]["count"] == page["total"].count
    assert [Decimal(one["amount"]) for one in told["months"]] == [one.amount for one in page["months"]]
    assert [one["count"] for one in told["funnel"]] == [one.count for one in page["funnel"]]
    assert (told["won"], told["lost"]) == (page["closed"]["sums"].won, page["closed"]["sums"].lost)
    tables = client.get("/api/v1/tracking/?period=12m").json()["tables"]
    assert len(tables[0]["rows"]) == 12


@pytest.mark.parametrize("query", ["period=ever", "who=999999", "who=team-1", "source=Lune", "colour=blue"])
def test_the_api_refuses_what_there_is_not(cast: dict[str, User], query: str) -> None:
    assert client_of(cast["sales"]).get(f"/api/v1/pipeline/?{query}").status_code == 422
    assert client_of(cast["marketing"]).get("/api/v1/pipeline/").status_code == 403
