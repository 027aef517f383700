"""Invoices in the API."""

from typing import Any

import pytest

from people.models import User
from sales.models import Invoice
from tests.base import make_cast
from tests.contracts.api import APIContract, caller
from tests.sales.invoices import agency_for_invoices, buyer_company, issued, make_invoice

pytestmark = pytest.mark.django_db
LINE = {"kind": "item", "label": "Site", "quantity": "2", "unit_price": "100", "vat_rate": "20"}


def without_lines(user: User | None, **values: Any) -> Invoice:
    return make_invoice(user, [], **values)


class TestInvoiceAPI(APIContract):
    model = Invoice
    path = "invoices"
    make = staticmethod(without_lines)
    body = {"subject": "Refonte"}
    change = {"order_reference": "BC-12"}
    listed_by = {"kind": "deposit"}
    wrong = {
        "client": 999_999,
        "company": 999_999,
        "owner": 999_999,
        "agency": 999_999,
        "discount_percent": "101",
        "treatment": "heaven",
        "language": "xx",
        "due_on": "31/12/2026",
        "lines": [{"label": "", "unit_price": "1"}],
    }
    list_queries = 5

    @pytest.fixture(autouse=True)
    def _with_company(self, cast: dict[str, User]) -> None:
        company = buyer_company(owner=None)
        self.body = {**type(self).body, "company": company.pk, "agency": agency_for_invoices().pk}


def test_a_draft_is_issued_by_who_may() -> None:
    cast = make_cast()
    draft = make_invoice(cast["sales"])
    url = f"/api/v1/invoices/{draft.pk}/issue/"
    assert caller(cast["sales"]).post(url).status_code == 403
    answer = caller(cast["admin"]).post(url)
    assert answer.status_code == 200
    assert answer.json()["number"].endswith("-00001")
    assert caller(cast["admin"]).post(url).status_code in (409, 422)


def test_an_issued_one_is_neither_changed_nor_deleted() -> None:
    cast = make_cast()
    invoice = issued(cast["sales"])
    url = f"/api/v1/invoices/{invoice.pk}/"
    admin = caller(cast["admin"])
    assert admin.patch(url, {"subject": "Autre"}, content_type="application/json").status_code in (
        409,
        412,
        422,
        428,
    )
    assert admin.delete(url).status_code in (409, 412, 422, 428)
    assert Invoice.objects.filter(pk=invoice.pk, subject="Refonte du site").exists()


def test_lines_are_sent_read_and_sent_back() -> None:
    cast = make_cast()
    body = {
        "subject": "Site",
        "company": buyer_company(owner=cast["sales"]).pk,
        "agency": agency_for_invoices().pk,
        "lines": [LINE],
    }
    hugo = caller(cast["sales"])
    made = hugo.post("/api/v1/invoices/", body, content_type="application/json")
    assert made.status_code == 201, made.json()
    record = made.json()
    assert (record["net"], record["gross"], record["number"]) == ("200.00", "240.00", None)
    again = hugo.patch(
        f"/api/v1/invoices/{record['id']}/", {"lines": record["lines"]}, content_type="application/json"
    )
    assert again.json()["version"] == record["version"]
