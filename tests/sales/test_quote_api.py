"""Quotes over the API."""

from typing import Any

import pytest

from people.models import User
from sales.models import Quote
from tests.base import make_cast, make_company
from tests.contracts.api import APIContract, caller
from tests.sales.quotes import make_quote, make_sent, the_agency

URL = "/api/v1/quotes/"
pytestmark = pytest.mark.django_db


class TestQuoteAPI(APIContract):
    model = Quote
    path = "quotes"
    make = staticmethod(make_quote)
    body = {"subject": "Refonte"}
    change = {"order_reference": "BC-12"}
    listed_by = {"status": "sent"}
    wrong = {
        "client": 999_999,
        "company": 999_999,
        "owner": 999_999,
        "agency": 999_999,
        "discount_percent": "101",
        "deposit_percent": "-1",
        "treatment": "heaven",
        "language": "xx",
        "valid_until": "31/12/2026",
        "lines": [{"label": "", "unit_price": "1"}],
    }
    list_queries = 5

    @pytest.fixture(autouse=True)
    def _with_company(self, cast: dict[str, User]) -> None:
        company = make_company(cast["admin"], name="Fleuriste", owner=None)
        self.body = {**type(self).body, "company": company.pk, "agency": the_agency().pk}


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def test_lines_are_sent_read_and_sent_back(cast: dict[str, User]) -> None:
    client, agency = caller(cast["sales"]), the_agency()
    company = make_company(cast["sales"], owner=cast["sales"])
    lines = [{"label": "Site", "unit_price": "1000", "quantity": "2"}, {"kind": "section", "label": "Suite"}]
    body = {"subject": "Site", "company": company.pk, "lines": lines}
    made = client.post(URL, body, content_type="application/json")
    assert made.status_code == 201, made.json()
    record: dict[str, Any] = made.json()
    assert (record["net"], record["agency"], record["treatment"]) == ("2000.00", agency.pk, "standard")
    again = client.patch(f"{URL}{record['id']}/", {"lines": record["lines"]}, content_type="application/json")
    assert again.status_code == 200
    assert again.json()["version"] == record["version"]


def test_a_sent_quote_is_neither_changed_nor_deleted(cast: dict[str, User]) -> None:
    quote, client = make_sent(cast["sales"]), caller(cast["sales"])
    url = f"{URL}{quote.pk}/"
    assert client.patch(url, {"subject": "X"}, content_type="application/json").status_code == 422
    assert client.delete(url).status_code == 422
