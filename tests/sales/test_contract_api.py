"""Contracts over the API."""

from decimal import Decimal
from typing import Any

import pytest

from people.models import User
from sales.models import Contract
from tests.base import make_cast
from tests.contracts.api import APIContract, caller, fields_refused
from tests.sales.records import make_client, make_contract
from tests.sales.test_contract import CLEAN

URL = "/api/v1/contracts/"
pytestmark = pytest.mark.django_db


class TestContractAPI(APIContract):
    model = Contract
    path = "contracts"
    make = staticmethod(make_contract)
    body = {"reference": "DFA-2026-9001", "status": "pending", "amount": "1200.00"}
    change = {"supplier": "OVHcloud"}
    listed_by = {"status": "signed"}
    wrong = {
        "amount": "-1",
        "status": "heaven",
        "client": 999_999,
        "owner": 999_999,
        "offer": 999_999,
        "withdrawal_day": 32,
        "payment_method": "shells",
        "signed_on": "31/12/2026",
        "lines": [{"label": "", "unit_amount": "1"}],
    }
    list_queries = 5

    @pytest.fixture(autouse=True)
    def _with_client(self, cast: dict[str, User]) -> None:
        self.body = {**type(self).body, "client": make_client(None).pk}


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def post(program: Any, **body: Any) -> Any:
    return program.post(URL, body, content_type="application/json")


def patch(client: Any, pk: int, **body: Any) -> Any:
    return client.patch(f"{URL}{pk}/", body, content_type="application/json")


def test_lines_are_sent_read_and_replaced_and_make_the_amount(cast: dict[str, User]) -> None:
    client = caller(cast["sales"])
    lines = [
        {"label": "Site", "unit_amount": "100.00"},
        {"label": "TMA", "unit_amount": 10, "period": "month"},
    ]
    made = post(client, client=make_client(cast["sales"]).pk, lines=lines)
    assert made.status_code == 201, made.content
    body = made.json()
    assert body["amount"] == "220.00"
    assert body["lines"][1] == {
        "label": "TMA", "quantity": "1.00", "unit_amount": "10.00", "vat_rate": "20.00", "period": "month",
    }  # fmt: skip
    assert body["reference"].startswith("CT-")
    pk = body["id"]
    # What was read can be sent back.
    assert patch(client, pk, lines=body["lines"]).json()["version"] == body["version"]
    assert patch(client, pk, lines=body["lines"][:1]).json()["amount"] == "100.00"
    kept = patch(client, pk, supplier="OVH").json()
    assert (len(kept["lines"]), kept["amount"]) == (1, "100.00")
    assert patch(client, pk, lines=[]).json()["lines"] == []


@pytest.mark.parametrize(
    "lines",
    [
        "x",
        [1],
        [{"label": "a"}],
        [{"label": "a", "unit_amount": "x"}],
        [{"label": "a", "unit_amount": "-1"}],
        [{"label": "a", "unit_amount": "1", "period": "decade"}],
        [{"label": "a", "unit_amount": "1", "vat_rate": 100}],
        [{"label": "a", "unit_amount": "1", "surprise": 1}],
        [{"label": ["a"], "unit_amount": "1"}],
        [{"label": "a", "unit_amount": True}],
        [{"label": "a", "unit_amount": "1"}] * 101,
    ],
)
def test_wrong_lines_are_refused_beside_their_name(cast: dict[str, User], lines: Any) -> None:
    answer = post(caller(cast["sales"]), client=make_client(cast["sales"]).pk, lines=lines)
    assert fields_refused(answer) == {"lines"}


def test_terminating_takes_a_reason(cast: dict[str, User]) -> None:
    contract = make_contract(cast["sales"], lines=CLEAN)
    client = caller(cast["sales"])
    assert fields_refused(patch(client, contract.pk, status="terminated")) == {"termination_reason"}
    answer = patch(client, contract.pk, status="terminated", termination_reason="Cession")
    assert answer.json()["ends_on"]
    contract.refresh_from_db()
    assert contract.amount == Decimal(3788)
