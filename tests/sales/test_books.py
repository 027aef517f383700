"""The books: what documents and money are in them, what closing makes final."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Sum
from django.utils import timezone

from people.models import User
from sales.models import (
    Account,
    BookEntry,
    BookLine,
    BookTerms,
    Closing,
    Invoice,
    Letter,
    Payment,
    PaymentMatch,
    WriteOff,
)
from sales.services.agency import change_agency
from sales.services.books import book, refresh_books
from sales.services.closing import close_books
from sales.services.invoice_credit import create_credit_note
from sales.services.invoice_issue import issue_invoice
from tests.base import make_cast
from tests.sales.invoices import agency_for_invoices, issued, line, make_buyer, make_invoice

pytestmark = pytest.mark.django_db
D = Decimal
TODAY = timezone.localdate


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


@pytest.fixture
def sales(cast: dict[str, User]) -> User:
    return cast["sales"]


@pytest.fixture
def admin(cast: dict[str, User]) -> User:
    return cast["admin"]


def pay(invoice: Invoice | None, amount: Any, on: date | None = None, **values: Any) -> Payment:
    """A payment set against an invoice, in the rows."""
    amount = D(str(amount))
    matched = min(amount, D(str(values.pop("matched", amount)))) if invoice is not None else D(0)
    given: dict[str, Any] = {"agency": agency_for_invoices(), "received_on": on or TODAY(), "amount": amount}
    if invoice is not None:
        given["client"] = invoice.client
    payment = Payment.objects.create(**{**given, **values}, matched=matched, left=amount - matched)
    if invoice is not None and matched:
        PaymentMatch.objects.create(payment=payment, invoice=invoice, amount=matched)
    book(payments=[payment.pk])
    return payment


def lines_of(source: str) -> list[tuple[str, Decimal, Decimal]]:
    """(account, debit, credit) of a source's entries."""
    found = BookLine.objects.filter(entry__source=source).order_by("pk")
    return [(each.account, each.debit, each.credit) for each in found]


def direct() -> None:
    """VAT booked to 44571 at once."""
    refresh_books(agency_for_invoices())
    BookTerms.objects.update(vat_pending=False)


def balance(**narrowed: Any) -> Decimal:
    sums = BookLine.objects.filter(**narrowed).aggregate(debit=Sum("debit"), credit=Sum("credit"))
    return (sums["debit"] or D(0)) - (sums["credit"] or D(0))


def check_all_balance() -> None:
    for entry in BookEntry.objects.all():
        assert balance(entry=entry) == 0, entry


class TestEntries:
    def test_an_invoice_debits_the_client_and_credits_sales_and_vat(self, sales: User) -> None:
        direct()
        invoice = issued(sales, [line(price=1000), line("Livre", 100, vat_rate=D("5.5"))])
        assert lines_of(f"invoice:{invoice.pk}") == [
            ("411000", D("1305.50"), D(0)),
            ("706000", D(0), D("100.00")),
            ("706000", D(0), D("1000.00")),
            ("445713", D(0), D("5.50")),
            ("445711", D(0), D("200.00")),
        ]

    def test_vat_on_services_waits_for_the_payment(self, sales: User) -> None:
        invoice = issued(sales, [line(price=1000)])
        assert ("445740", D(0), D("200.00")) in lines_of(f"invoice:{invoice.pk}")
        pay(invoice, 600)
        assert lines_of(f"vat:{invoice.pk}") == [
            ("445740", D("100.00"), D(0)),
            ("445711", D(0), D("100.00")),
        ]
        pay(invoice, 600)
        assert balance(role="pending") == 0
        assert balance(role="vat") == -200
        check_all_balance()

    def test_a_deposit_is_owed_until_the_final_invoice(self, sales: User) -> None:
        direct()
        deposit = issued(sales, [line("Acompte", 300)], kind=Invoice.Kind.DEPOSIT)
        assert ("419100", D(0), D("300.00")) in lines_of(f"invoice:{deposit.pk}")
        draft = make_invoice(
            sales,
            [line(price=1000), line("Acompte", 300, -1, deducts=deposit.pk)],
            client=deposit.client,
            kind=Invoice.Kind.FINAL,
        )
        final = issue_invoice(user=None, invoice=draft)
        assert lines_of(f"invoice:{final.pk}") == [
            ("411000", D("840.00"), D(0)),
            ("706000", D(0), D("1000.00")),
            ("419100", D("300.00"), D(0)),
            ("445711", D(0), D("140.00")),
        ]
        assert balance(role="deposit") == 0

    def test_a_credit_note_is_the_mirror(self, sales: User) -> None:
        invoice = issued(sales, [line(price=1000)])
        note = issue_invoice(
            user=None, invoice=create_credit_note(user=None, invoice=invoice, reason="Erreur")
        )
        assert balance(invoice__in=[invoice, note]) == 0
        assert balance(role="client") == balance(role="pending") == balance(role="sales") == 0

    def test_an_overpayment_is_held_for_the_client(self, sales: User) -> None:
        invoice = issued(sales, [line(price=100)])
        payment = pay(invoice, 150, matched=120)
        assert lines_of(f"payment:{payment.pk}") == [
            ("512000", D("150.00"), D(0)),
            ("411000", D(0), D("120.00")),
            ("419100", D(0), D("30.00")),
        ]

    def test_money_of_nobody_waits(self, sales: User) -> None:
        payment = pay(None, 50)
        assert ("471000", D(0), D("50.00")) in lines_of(f"payment:{payment.pk}")

    def test_a_refund_and_a_return_go_the_other_way(self, sales: User) -> None:
        invoice = issued(sales, [line(price=100)])
        first = pay(invoice, 120)
        pay(invoice, 120, kind=Payment.Kind.RETURN, undoes=first)
        assert balance(role="client") == 120
        assert balance(role="bank") == 0
        assert balance(role="vat") == 0
        assert balance(role="pending") == -20

    @pytest.mark.parametrize(
        ("reason", "account", "net", "vat"),
        [("loss", "654000", 100, 20), ("rounding", "658000", 120, 0), ("gesture", "665000", 120, 0)],
    )
    def test_a_write_off(self, sales: User, reason: str, account: str, net: int, vat: int) -> None:
        direct()
        invoice = issued(sales, [line(price=100)])
        row = WriteOff.objects.create(invoice=invoice, amount=D(120), written_on=TODAY(), reason=reason)
        book(invoices=[invoice.pk])
        found = lines_of(f"write_off:{row.pk}")
        assert found[:2] == [("411000", D(0), D("120.00")), (account, D(net), D(0))]
        assert balance(entry__source=f"write_off:{row.pk}", role="vat") == vat

    def test_what_is_refreshed_twice_stays_the_same(self, sales: User) -> None:
        invoice = issued(sales)
        pay(invoice, 500)
        before = list(BookLine.objects.values_list("pk", flat=True))
        refresh_books(agency_for_invoices())
        assert list(BookLine.objects.values_list("pk", flat=True)) == before


def closed(sales: User, days: int = 40, *, price: int = 1000) -> Invoice:
    """An invoice of some weeks ago, in books that are closed since."""
    day = TODAY() - timedelta(days=days)
    invoice = issued(sales, [line(price=price)], on=day)
    close_books(user=None, agency=invoice.agency, until=day + timedelta(days=1))
    return invoice


class TestClosing:
    def test_entries_get_numbers_without_a_gap_by_day(self, sales: User) -> None:
        agency = agency_for_invoices()
        day = TODAY() - timedelta(days=30)
        for back in (2, 1, 0):
            issued(sales, on=day - timedelta(days=back))
        closing = close_books(user=None, agency=agency, until=TODAY() - timedelta(days=1))
        rows = BookEntry.objects.order_by("number").values_list("number", "entry_on")
        assert [number for number, _on in rows] == [1, 2, 3]
        assert [on for _number, on in rows] == sorted(on for _number, on in rows)
        assert (closing.entries, closing.debit, closing.credit) == (3, D(3600), D(3600))
        assert closing.perpetual == D(3600)

    def test_the_database_refuses_to_change_what_is_closed(self, sales: User) -> None:
        invoice = closed(sales)
        entry = BookEntry.objects.get(key=f"invoice:{invoice.pk}")
        for change in (
            lambda: BookEntry.objects.filter(pk=entry.pk).update(label="x"),
            lambda: BookEntry.objects.filter(pk=entry.pk)._raw_delete("default"),
            lambda: BookLine.objects.filter(entry=entry).update(debit=D(1), credit=D(0)),
            lambda: BookLine.objects.filter(entry=entry).delete(),
            lambda: Closing.objects.update(debit=D(1)),
            lambda: Closing.objects.all().delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()

    def test_nothing_is_dated_in_closed_books(self, sales: User) -> None:
        invoice = closed(sales)
        assert invoice.issued_on is not None
        with pytest.raises(ValidationError, match=r"closed|clôturé"):
            issued(sales, on=invoice.issued_on)

    def test_money_matched_later_is_put_right_in_the_open_period(self, sales: User) -> None:
        day = TODAY() - timedelta(days=20)
        invoice = issued(sales, [line(price=100)], on=day)
        payment = pay(None, 120, on=day, client=invoice.client)
        close_books(user=None, agency=invoice.agency, until=day)
        before = list(BookLine.objects.filter(entry__number__isnull=False).values())
        PaymentMatch.objects.create(payment=payment, invoice=invoice, amount=D(120))
        book(payments=[payment.pk])
        assert list(BookLine.objects.filter(entry__number__isnull=False).values()) == before
        assert balance(role="client") == balance(role="deposit") == 0
        assert balance(role="pending") == 0
        late = BookEntry.objects.filter(number=None)
        assert all(entry.entry_on > day for entry in late)
        check_all_balance()

    def test_a_day_that_is_not_over_is_refused(self, sales: User) -> None:
        with pytest.raises(ValidationError):
            close_books(user=None, agency=agency_for_invoices(), until=TODAY())

    def test_a_day_is_closed_once(self, sales: User) -> None:
        invoice = closed(sales)
        assert invoice.issued_on is not None
        with pytest.raises(ValidationError):
            close_books(user=None, agency=invoice.agency, until=invoice.issued_on)

    def test_who_has_no_grant_closes_nothing(self, sales: User, admin: User) -> None:
        agency = agency_for_invoices()
        with pytest.raises(PermissionDenied):
            close_books(user=sales, agency=agency, until=TODAY() - timedelta(days=1))
        assert close_books(user=admin, agency=agency, until=TODAY() - timedelta(days=1))

    def test_balances_are_carried_over(self, sales: User) -> None:
        last_year = date(TODAY().year - 1, 12, 1)
        client = make_buyer(sales)
        paid, owed = (issued(sales, [line(price=p)], client=client, on=last_year) for p in (100, 200))
        payment = pay(paid, 120, on=last_year)
        letter = Letter.objects.create(agency=paid.agency, code="A", lettered_on=last_year)
        Invoice.objects.filter(pk=paid.pk).update(letter=letter)
        Payment.objects.filter(pk=payment.pk).update(letter=letter)
        close_books(user=None, agency=paid.agency, until=date(last_year.year, 12, 31))
        opening = BookEntry.objects.get(journal="opening")
        assert opening.entry_on == date(TODAY().year, 1, 1)
        found = {(each.account, each.invoice_id): each.debit - each.credit for each in opening.lines.all()}
        assert found == {
            ("411000", owed.pk): D(240),
            ("512000", None): D(120),
            ("445711", None): D(-20),
            ("445740", None): D(-40),
            ("120000", None): D(-300),
        }
        issued(sales, on=date(TODAY().year, 1, 1))
        close_books(user=None, agency=paid.agency, until=date(TODAY().year, 1, 31))
        opening.refresh_from_db()
        assert (opening.fiscal_year, opening.number) == (TODAY().year, 1)

    def test_the_fiscal_year_stays_once_books_were_closed_by_it(self, sales: User) -> None:
        agency = closed(sales).agency
        with pytest.raises(ValidationError):
            change_agency(user=None, agency=agency, values={"fiscal_month": 7})
        change_agency(user=None, agency=agency, values={"fiscal_month": 1, "city": "Lyon 2e"})


class TestChart:
    def test_each_agency_has_the_usual_accounts(self, sales: User) -> None:
        agency = agency_for_invoices()
        refresh_books(agency)
        roles = set(Account.objects.filter(agency=agency).values_list("role", flat=True))
        assert roles == set(Account.Role.values)
        for account in Account.objects.filter(agency=agency):
            account.full_clean()

    @pytest.mark.parametrize(
        ("number", "role"), [("706000", "client"), ("411", "sales"), ("41", "client"), ("999000", "bank")]
    )
    def test_an_account_in_the_wrong_place_is_refused(self, sales: User, number: str, role: str) -> None:
        account = Account(agency=agency_for_invoices(), number=number, label="x", role=role, vat_rate=None)
        with pytest.raises(ValidationError):
            account.full_clean()
