"""Clients over the API."""

from typing import Any

import pytest

from crm.models import Client, Company
from people.models import User
from tests.base import make_cast, make_client, make_company
from tests.contracts.api import APIContract, assert_problem, caller

URL = "/api/v1/clients/"


class TestClientAPI(APIContract):
    model = Client
    path = "clients"
    make = staticmethod(make_client)
    change = {"upsell": "Référencement naturel"}
    listed_by = {"status": "churned"}
    wrong = {
        "status": "lost",
        "company": 999_999,
        "contact": 999_999,
        "renewal_on": "31/12/2026",
        "upsell": "x" * 201,
    }
    list_queries = 4

    @property
    def body(self) -> dict[str, Any]:  # type: ignore[override]
        """A company that everybody with the grant sees."""
        company = Company.objects.filter(name="Salon Lemaire").first()
        company = company or make_company(None, name="Salon Lemaire", owner=None)  # type: ignore[arg-type]
        return {"company": company.pk, "status": "active", "renewal_on": "2031-05-04"}


pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def test_the_health_adds_up(cast: dict[str, User]) -> None:
    client = make_client(cast["sales"], owner=cast["sales"])
    body = caller(cast["sales"]).get(f"{URL}{client.pk}/health/").json()
    assert body["health"] == client.health == body["held"] + sum(line["points"] for line in body["lines"])
    assert [line["rule"] for line in body["lines"]] == ["start", "contact"]
    assert_problem(caller(cast["stranger"]).get(f"{URL}{client.pk}/health/"), 404)


def test_what_follows_by_itself_is_read_only(cast: dict[str, User]) -> None:
    client = make_client(cast["sales"], owner=cast["sales"])
    answer = caller(cast["sales"]).patch(
        f"{URL}{client.pk}/", {"health": 100, "mrr": "5000"}, content_type="application/json"
    )
    assert answer.status_code == 200  # passed over, as everywhere
    client.refresh_from_db()
    assert (client.mrr, client.health, client.version) == (0, 40, 1)


def test_a_company_is_a_client_once(cast: dict[str, User]) -> None:
    client = make_client(cast["sales"], owner=cast["sales"])
    body = {"company": client.company_id, "status": "active"}
    assert_problem(caller(cast["sales"]).post(URL, body, content_type="application/json"), 422)


def test_activities_deals_and_documents_of_a_client(cast: dict[str, User]) -> None:
    client = make_client(cast["sales"], owner=cast["sales"])
    for path in (f"activities/?client={client.pk}", f"deals/?client={client.pk}"):
        assert caller(cast["sales"]).get(f"/api/v1/{path}").status_code == 200
        assert caller(cast["stranger"]).get(f"/api/v1/{path}").status_code == 422
    path = f"/api/v1/documents/?subject=crm.client:{client.pk}"
    assert caller(cast["sales"]).get(path).status_code == 200
    events = caller(cast["sales"]).get(f"/api/v1/events/?subject=crm.client:{client.pk}").json()["results"]
    assert {event["subject"].split(":")[0] for event in events} == {"crm.client", "crm.company"}
