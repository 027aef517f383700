"""The chart of accounts: pages, API, what is refused, what entries follow."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from people.models import User
from sales.models import Account, Agency, BookLine, BookTerms
from sales.services.books import refresh_books
from sales.services.chart import (
    change_account,
    change_book_terms,
    create_account,
    delete_accounts,
    ensure_books,
)
from tests.base import client_of, make_cast
from tests.contracts.api import APIContract
from tests.contracts.pages import PageContract
from tests.sales.agencies import make_agency
from tests.sales.invoices import agency_for_invoices, issued, line

pytestmark = pytest.mark.django_db
NAMES = iter(range(1, 9_000))


def agency() -> Agency:
    return Agency.objects.filter(code="DF").first() or make_agency()


def make(user: Any = None, **fields: Any) -> Account:
    """An account of its own for a rate that nobody has."""
    number = next(NAMES)
    given = {"role": "vat", "number": f"4457{number:05d}", "label": f"TVA {number}"}
    given["vat_rate"] = Decimal(number) / 100 + Decimal("0.005").quantize(Decimal("0.01"))
    return Account.objects.create(**{"agency": agency(), **given, **fields})


class Common:
    @pytest.fixture
    def cast(self, db: None) -> dict[str, User]:
        agency()
        return make_cast()


class TestAccountPages(Common, PageContract):
    model = Account
    urls = "agencies:account"
    make = staticmethod(make)
    change = {"label": "TVA collectée à part"}
    owned = False
    list_queries = 10

    @property
    def form(self) -> dict[str, str]:
        return {
            "agency": str(agency().pk), "number": "445799", "label": "TVA collectée 2,1 %", "role": "vat",
            "vat_rate": "2,1",
        }  # fmt: skip


class TestAccountAPI(Common, APIContract):
    model = Account
    path = "accounts"
    make = staticmethod(make)
    change = {"label": "TVA collectée à part"}
    listed_by = {"role": "sales"}
    wrong = {"number": "x", "role": "heaven", "label": ""}
    owned = False
    list_queries = 4

    @property
    def body(self) -> dict[str, Any]:
        return {
            "agency": agency().pk,
            "number": "706100",
            "label": "Sites",
            "role": "sales",
            "category": "web",
        }

    def found_by(self) -> dict[str, Any]:
        number = next(NAMES)
        return {"role": "sales", "number": f"7061{number:04d}"}


@pytest.fixture
def admin() -> User:
    return make_cast()["admin"]


class TestRules:
    def test_an_account_that_serves_all_stays(self, admin: User) -> None:
        ensure_books(agency())
        bank = Account.objects.get(role="bank")
        with pytest.raises(ValidationError):
            delete_accounts(user=admin, pks=[bank.pk])
        with pytest.raises(ValidationError):
            change_account(user=admin, account=bank, values={"role": "suspense", "number": "471900"})

    def test_a_number_and_a_place_are_given_once(self, admin: User) -> None:
        ensure_books(agency())
        for fields in (
            {"number": "706000", "role": "sales", "category": "web"},
            {"number": "706500", "role": "sales"},
            {"number": "512100", "role": "bank"},
        ):
            with pytest.raises(ValidationError):
                create_account(user=admin, account=Account(agency=agency(), label="x", **fields))

    def test_entries_of_the_open_period_follow_the_chart(self, admin: User) -> None:
        issued(admin, [line(price=100)])
        sales = Account.objects.get(role="sales", vat_rate=None)
        change_account(user=admin, account=sales, values={"number": "706100", "label": "Prestations"})
        refresh_books(agency_for_invoices())
        assert set(BookLine.objects.filter(role="sales").values_list("account", flat=True)) == {"706100"}

    def test_an_account_that_entries_bear_stays(self, admin: User) -> None:
        issued(admin, [line(price=100)])
        BookTerms.objects.update(vat_pending=False)
        refresh_books(agency_for_invoices())
        vat = Account.objects.get(role="vat", vat_rate=20)
        with pytest.raises(ValidationError):
            delete_accounts(user=admin, pks=[vat.pk])

    def test_two_journals_of_one_code_are_refused(self, admin: User) -> None:
        ensure_books(agency())
        terms = BookTerms.objects.get()
        with pytest.raises(ValidationError):
            change_book_terms(user=admin, terms=terms, values={"bank_code": "VE"})

    def test_the_journals_are_changed_on_their_page(self, admin: User) -> None:
        issued(admin, [line(price=100)])
        terms = BookTerms.objects.get()
        page = client_of(admin)
        url = f"/settings/accounts/journals/{terms.pk}/"
        values = {
            "version": terms.version, "sales_code": "VTE", "sales_label": "Ventes", "bank_code": "BQ",
            "bank_label": "Banque", "misc_code": "OD", "misc_label": "Divers", "opening_code": "AN",
            "opening_label": "À nouveaux",
        }  # fmt: skip
        assert page.get(url).status_code == 200
        assert page.post(url, {**values, "sales_code": "ve-1"}).status_code == 422
        assert page.post(url, values).status_code == 302
        terms.refresh_from_db()
        assert (terms.sales_code, terms.vat_pending) == ("VTE", False)
