"""Commission rates: pages and API."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from people.models import User
from sales.models import CommissionRate, CommissionTerms
from tests.base import client_of, make_cast
from tests.contracts.api import APIContract
from tests.contracts.pages import PageContract
from tests.sales.commissions import make_rate
from tests.sales.records import make_offer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_day")]
FORM = {"part": "all", "basis": "percent", "value": "7,5", "starts_on": "2026-01-01"}


class TestCommissionRatePages(PageContract):
    """The contract of every module, on rates."""

    model = CommissionRate
    urls = "sales:commission_rate"
    make = staticmethod(make_rate)
    form = FORM
    change = {"value": "6.25"}
    shown = "value"
    owned = False
    list_queries = 10

    def other_value(self, name: str, value: Any) -> Any:
        return "8.75"

    def test_a_rate_is_for_an_offer_and_a_person_or_for_all(self, cast: dict[str, User]) -> None:
        offer = make_offer()
        client = client_of(cast["admin"])
        data = {**FORM, "offer": offer.pk, "person": cast["sales"].pk}
        assert client.post(self.url("new"), data).status_code == 302
        rate = CommissionRate.objects.get()
        assert (rate.offer, rate.person, rate.value) == (offer, cast["sales"], Decimal("7.50"))
        page = client.get(self.url("list") + "?all=1").content.decode()
        assert "7,5" in page

    def test_what_cannot_be_is_refused(self, cast: dict[str, User]) -> None:
        client = client_of(cast["admin"])
        for wrong in ({"value": "101"}, {"value": "-1"}, {"ends_on": "2025-12-31"}, {"starts_on": ""}):
            assert client.post(self.url("new"), {**FORM, **wrong}).status_code == 422, wrong

    def test_the_rules_are_one_page(self, cast: dict[str, User]) -> None:
        client = client_of(cast["admin"])
        address = reverse("sales:commission_terms")
        assert client.get(address).status_code == 200
        data = {"counts_from": "2026-01-01", "takeback_days": "30", "pairing_days": "45"}
        assert client.post(address, data).status_code == 302
        terms = CommissionTerms.objects.get()
        assert (terms.counts_from, terms.takeback_days) == (date(2026, 1, 1), 30)
        stale = {**data, "takeback_days": "31", "version": "0"}
        assert client.post(address, stale).status_code == 422


class TestCommissionRateAPI(APIContract):
    model = CommissionRate
    path = "commission-rates"
    make = staticmethod(make_rate)
    body = {"value": "5.00", "starts_on": "2026-01-01"}
    change = {"value": "6.00"}
    listed_by = {"basis": "fixed"}
    wrong: dict[str, Any] = {
        "value": "-1",
        "basis": "shells",
        "part": "none",
        "offer": 999_999,
        "person": 999_999,
        "starts_on": "31/12/2026",
    }
    owned = False
    list_queries = 4


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()
