"""Deals over the API."""

from typing import Any

import pytest
from django.utils import timezone

from crm.models import Deal, DealTotal
from people.models import User
from tests.base import make_cast, make_company, make_deal
from tests.contracts.api import APIContract, assert_problem, caller, fields_refused

URL = "/api/v1/deals/"


class TestDealAPI(APIContract):
    model = Deal
    path = "deals"
    make = staticmethod(make_deal)
    body = {
        "title": "Boutique en ligne",
        "amount": "4800.00",
        "stage": "discovery",
        "expected_on": "2031-05-04",
    }
    change = {"title": "Boutique et référencement"}
    listed_by = {"stage": "proposal"}
    wrong = {
        "amount": "-1",
        "stage": "heaven",
        "own_probability": 101,
        "company": 999_999,
        "contact": 999_999,
        "expected_on": "31/12/2026",
        "lost_reason": "bored",
        "tags": [77],
    }
    list_queries = 5


pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def post(client: Any, **body: Any) -> Any:
    return client.post(URL, body, content_type="application/json")


def patch(client: Any, pk: int, **body: Any) -> Any:
    return client.patch(f"{URL}{pk}/", body, content_type="application/json")


def test_a_deal_is_moved_by_its_stage(cast: dict[str, User]) -> None:
    client = caller(cast["sales"])
    pk = post(client, title="Refonte", amount="100").json()["id"]
    assert patch(client, pk, stage="negotiation").json()["probability"] == 75
    assert fields_refused(patch(client, pk, stage="lost")) == {"lost_reason"}
    lost = patch(client, pk, stage="lost", lost_reason="price").json()
    assert (lost["closed_on"], lost["probability"]) == (timezone.localdate().isoformat(), 0)
    back = patch(client, pk, stage="proposal").json()
    assert (back["closed_on"], back["lost_reason"], back["probability"]) == (None, "", 50)
    won = patch(client, pk, stage="won", closed_on="2026-01-02").json()
    assert won["closed_on"] == "2026-01-02"
    assert {t.stage: t.count for t in DealTotal.objects.exclude(count=0)} == {"won": 1}


def test_a_deal_without_an_owner_is_the_callers(cast: dict[str, User]) -> None:
    answer = post(caller(cast["sales"]), title="Refonte", stage="discovery").json()
    assert (answer["owner"], answer["owner_name"], answer["amount"]) == (
        cast["sales"].pk,
        "Hugo Lefèvre",
        "0.00",
    )


def test_only_an_administrator_changes_the_owner(cast: dict[str, User]) -> None:
    deal = make_deal(cast["sales"])
    assert fields_refused(patch(caller(cast["manager"]), deal.pk, owner=cast["sales2"].pk)) == {"owner"}
    assert patch(caller(cast["admin"]), deal.pk, owner=cast["sales2"].pk).status_code == 200
    assert_problem(caller(cast["sales"]).get(f"{URL}{deal.pk}/"), 404)


def test_several_stages_and_the_state_are_filters_here_too(cast: dict[str, User]) -> None:
    company = make_company(cast["sales"], owner=cast["sales"])
    proposal = make_deal(cast["sales"], stage="proposal", company=company)
    won = make_deal(cast["sales"], stage="won")
    client = caller(cast["sales"])

    def found(query: str) -> set[int]:
        return {row["id"] for row in client.get(f"{URL}?{query}").json()["results"]}

    assert found("stage=won&stage=proposal") == {proposal.pk, won.pk}
    assert found("state=open") == {proposal.pk}
    assert found(f"company={company.pk}&idle=yes&sort=expected") == {proposal.pk}
    assert_problem(client.get(f"{URL}?state=maybe"), 422)


def test_the_board_adds_up_each_stage_within_sight_and_as_filtered(cast: dict[str, User]) -> None:
    for who, stage, amount in (
        ("sales", "proposal", 1000),
        ("sales", "proposal", 500),
        ("sales2", "proposal", 100),
        ("stranger", "proposal", 9000),
        ("sales", "won", 50),
    ):
        make_deal(cast[who], stage=stage, amount=amount)

    def sums(who: str, query: str = "") -> dict[str, tuple[int, str, str]]:
        answer = caller(cast[who]).get(f"{URL}board/?{query}")
        assert answer.status_code == 200, answer.content
        rows = answer.json()["stages"]
        return {row["stage"]: (row["count"], row["amount"], row["weighted"]) for row in rows if row["count"]}

    won = (1, "50.00", "50.00")
    assert sums("sales") == {"proposal": (2, "1500.00", "750.00"), "won": won}
    assert sums("manager") == {"proposal": (3, "1600.00", "800.00"), "won": won}
    assert sums("stranger") == {"proposal": (1, "9000.00", "4500.00")}
    assert sums("admin")["proposal"] == (4, "10600.00", "5300.00")
    assert sums("manager", f"owner={cast['sales2'].pk}") == {"proposal": (1, "100.00", "50.00")}
    assert sums("manager", "state=open&amount_min=500") == {"proposal": (2, "1500.00", "750.00")}
    assert len(caller(cast["sales"]).get(f"{URL}board/").json()["stages"]) == 6
    assert len(caller(cast["sales"]).get(f"{URL}board/?stage=won").json()["stages"]) == 1
    for who in ("marketing", "am"):
        assert_problem(caller(cast[who]).get(f"{URL}board/"), 403)
    assert_problem(caller(None).get(f"{URL}board/"), 401)
    for query in ("stage=heaven", f"owner={cast['stranger'].pk}", "colour=blue", "amount_min=x"):
        assert_problem(caller(cast["sales"]).get(f"{URL}board/?{query}"), 422)
