"""The contracts of every module, on recurring invoices."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from people.models import User
from sales.models import BillingPlan
from tests.contracts.api import APIContract, assert_problem, caller
from tests.contracts.pages import PageContract
from tests.sales.billing import make_plan
from tests.sales.invoices import agency_for_invoices, make_buyer
from tests.sales.records import make_subscription

pytestmark = pytest.mark.django_db


def another(user: User | None, **fields: Any) -> BillingPlan:
    """A plan of `owner`; nobody's client has no salesperson."""
    fields.setdefault("started_on", date(2026, 1, 1))
    return make_plan(user, **fields)


def terms(cast: dict[str, User]) -> dict[str, Any]:
    subscription = make_subscription(cast["sales"], client=make_buyer(cast["sales"], siren="443061841"))
    return {
        "subscription": subscription.pk,
        "agency": agency_for_invoices().pk,
        "period": "month",
        "timing": "advance",
        "day": 5,
        "starts_on": timezone.localdate().isoformat(),
        "payment_method": "transfer",
    }


class TestBillingPlanPages(PageContract):
    """Pages."""

    model = BillingPlan
    urls = "sales:billing_plan"
    make = staticmethod(another)
    change = {"order_reference": "BC-2026-7"}
    shown = "order_reference"
    bulk = ("prepare", "issue", "delete")
    list_queries = 16

    @pytest.fixture(autouse=True)
    def _with_subscription(self, cast: dict[str, User]) -> None:
        self.form = terms(cast)


class TestBillingPlanAPI(APIContract):
    """The resource."""

    model = BillingPlan
    path = "billing-plans"
    make = staticmethod(another)
    change = {"order_reference": "BC-2026-7"}
    listed_by = {"period": "year"}
    wrong = {"day": 32, "agency": 999_999, "period": "week"}
    list_queries = 4

    @pytest.fixture(autouse=True)
    def _with_subscription(self, cast: dict[str, User]) -> None:
        self.body = terms(cast)

    def test_a_record_cannot_be_given_away(self, cast: dict[str, User]) -> None:
        """It belongs to whom its source belongs: one out of sight is refused."""
        client = caller(cast["stranger"])
        assert_problem(self.send(client, "post", body=self.body), 422)
        assert not BillingPlan.objects.exists()
