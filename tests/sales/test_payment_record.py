"""Payments: read only, with what they come to, and what they say of a client's health."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from crm.services.client_health import judge
from people.models import User
from sales.models import PaymentRecord
from sales.services import payment_record
from sales.services.payment_record import payment_words, sums_of
from tests.base import client_of, make_cast
from tests.contracts.api import assert_problem, caller
from tests.contracts.pages import PageContract
from tests.sales.accounts import make_payment
from tests.sales.records import make_client, make_contract

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


class TestPaymentPages(PageContract):
    """The contract of every module, for records that other systems write."""

    model = PaymentRecord
    urls = "sales:payment_record"
    make = staticmethod(make_payment)
    shown = "reference"
    list_queries = 12

    def addresses(self, record: Any) -> list[str]:
        return [self.url("list") + "?all=1", record.get_absolute_url()]

    def test_a_role_without_a_grant_is_refused_everywhere(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["marketing"])
        for address in (*self.addresses(record), self.url("list") + "?export=csv"):
            assert client.get(address).status_code == 403, address

    def test_a_record_out_of_sight_answers_404_by_every_door(
        self, record: Any, cast: dict[str, User]
    ) -> None:
        assert client_of(cast["stranger"]).get(record.get_absolute_url()).status_code == 404
        assert client_of(cast["admin"]).get(self.url("detail", 999_999_999)).status_code == 404

    def test_nobody_changes_one(self, record: Any, cast: dict[str, User]) -> None:
        client = client_of(cast["admin"])
        for address in self.addresses(record):
            assert client.post(address, {"amount": "1"}).status_code == 405
        page = client.get(record.get_absolute_url())
        assert page.context["record"]["actions"] == page.context["record"]["menu"] == []

    test_an_unknown_number_answers_404 = None  # type: ignore[assignment]
    test_seeing_does_not_allow_the_other_actions = None  # type: ignore[assignment]
    test_a_record_is_created_with_its_event = None  # type: ignore[assignment]
    test_an_empty_form_comes_back_with_its_errors = None  # type: ignore[assignment]
    test_a_change_is_saved_with_before_and_after = None  # type: ignore[assignment]
    test_the_second_of_two_editors_is_shown_what_changed = None  # type: ignore[assignment]
    test_deleting_asks_first_then_moves_to_the_bin_and_comes_back = None  # type: ignore[assignment]


def rows_of(user: User, query: str) -> list[str]:
    page = client_of(user).get(reverse("sales:payment_record_list") + f"?{query}")
    return [row["label"] for row in page.context["list"]["rows"]]


def test_filters_and_sorts(cast):
    client = make_client(cast["sales"])
    contract = make_contract(cast["sales"], client=client)
    yesterday = timezone.localdate() - timedelta(days=1)
    make_payment(cast["sales"], reference="A", client=client, contract=contract, paid_on=date(2026, 3, 5))
    make_payment(
        cast["sales"], reference="B", client=client, status="pending", paid_on=yesterday, amount=Decimal(30)
    )
    make_payment(cast["sales"], reference="C", status="rejected", method="debit", amount=Decimal(90))
    user = cast["sales"]
    assert rows_of(user, f"client={client.pk}&sort=paid") == ["A", "B"]
    assert rows_of(user, f"contract={contract.pk}") == ["A"]
    assert rows_of(user, "status=pending&status=rejected&sort=amount") == ["B", "C"]
    assert rows_of(user, "late=yes") == ["B"]
    assert rows_of(user, "method=debit") == ["C"]
    assert rows_of(user, "paid_after=2026-03-01&paid_before=2026-03-31") == ["A"]
    assert rows_of(user, "paid_before=2026-03-31") == ["A"]
    assert rows_of(user, "amount_min=80&amount_max=100") == ["C"]
    assert rows_of(user, "owner=me&sort=amount") == ["B", "C", "A"]
    assert rows_of(user, "sort=-paid") == ["B", "A", "C"]
    assert rows_of(user, "q=c") == ["C"]


def test_the_list_says_what_it_comes_to_and_how_far_it_added_up(cast, monkeypatch):
    client = make_client(cast["sales"])
    for amount, status in (("100.50", "paid"), ("20", "paid"), ("7", "rejected")):
        make_payment(cast["sales"], client=client, amount=Decimal(amount), status=status)
    make_payment(cast["stranger"], amount=Decimal(1000))
    cast["sales"].language = "en"
    cast["sales"].save(update_fields=["language"])
    page = client_of(cast["sales"]).get(reverse("sales:payment_record_list") + "?all=1")
    assert page.context["list"]["notice"] == "3 payments: €120.50 paid, €7.00 rejected."
    sums = sums_of(PaymentRecord.objects.filter(client=client), 2)
    assert (sums.number, sums.capped) == (2, True)
    monkeypatch.setattr("sales.views.payment_record.sums_of", lambda rows: payment_record.sums_of(rows, 2))
    page = client_of(cast["sales"]).get(reverse("sales:payment_record_list") + "?all=1")
    assert "no more are added up" in page.context["list"]["notice"]


def test_rejected_and_late_payments_cost_health(cast):
    good, bad = make_client(cast["sales"]), make_client(cast["sales"])
    make_payment(client=good, paid_on=TODAY - timedelta(days=3))
    make_payment(client=bad, paid_on=TODAY - timedelta(days=3), status="rejected")
    make_payment(client=bad, paid_on=TODAY - timedelta(days=10), status="rejected")
    make_payment(client=bad, paid_on=TODAY - timedelta(days=1), status="pending")
    make_payment(client=bad, paid_on=TODAY - timedelta(days=300), status="rejected")
    make_payment(client=good, paid_on=TODAY + timedelta(days=5), status="pending")
    lines = judge([good, bad], TODAY)
    assert "payments" not in [line[0] for line in lines[good.pk]]
    assert ["payments", -25, {"rejected": 2, "late": 1}] in lines[bad.pk]
    with translation.override("en"):
        text = payment_words(-25, {"rejected": 2, "late": 1})
    assert text == "2 rejected payments, 1 late payment in the past 6 months"


def test_the_api_reads_within_ones_sight(cast):
    mine = make_payment(cast["sales"], paid_on=date(2026, 11, 5))
    theirs = make_payment(cast["stranger"])
    client = caller(cast["sales"])
    (row,) = client.get("/api/v1/payments/").json()["results"]
    assert (row["id"], row["amount"], row["paid_on"], row["status"]) == (
        mine.pk,
        "120.00",
        "2026-11-05",
        "paid",
    )
    assert client.get(f"/api/v1/payments/{mine.pk}/").json() == row
    assert_problem(client.get(f"/api/v1/payments/{theirs.pk}/"), 404)
    assert_problem(client.post("/api/v1/payments/", "{}", content_type="application/json"), 405)
    assert_problem(caller(cast["marketing"]).get("/api/v1/payments/"), 403)
    assert client.get(f"/api/v1/payments/?client={mine.client_id}&sort=-amount").json()["results"] == [row]
    assert_problem(client.get("/api/v1/payments/?colur=x"), 422)
