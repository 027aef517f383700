"""Pages of the books: lines, the account of a client, balance, closing, FEC."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from people.models import User
from sales.models import BookEntry, BookExport, Closing
from sales.services.book_figures import balance_of, checks_of, journals_of, years_of
from sales.services.closing import close_books
from sales.services.fec import run_export
from sales.services.payment import record_payment, return_payment, undo_payment
from sales.services.write_off import undo_write_off, write_off
from tests.base import client_of, make_cast, make_role, make_user
from tests.sales.invoices import agency_for_invoices, issued, line
from tests.sales.test_books import TODAY, balance, check_all_balance

pytestmark = pytest.mark.django_db
YESTERDAY = TODAY() - timedelta(days=1)


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def test_all_verbs_write_the_books(cast: dict[str, User]) -> None:
    """Every verb of payments and write-offs leaves 411 at what is left of the invoices."""
    sales, agency = cast["sales"], agency_for_invoices()
    first, second = issued(sales, [line(price=100)]), issued(sales, [line(price=200)])

    def told() -> None:
        check_all_balance()
        year = years_of(agency)[0]
        assert all(check.good for check in checks_of(agency, year, journals_of(agency, year)))
        for invoice in (first, second):
            invoice.refresh_from_db()
            assert balance(role="client", invoice=invoice) == invoice.balance

    common = {"user": None, "agency": agency, "received_on": TODAY(), "method": "transfer"}
    paid = record_payment(**common, amount=Decimal(150), matches={first.pk: Decimal(120)})
    told()
    assert balance(role="deposit") == -30
    record_payment(**common, amount=Decimal(30), kind="refund", refunds=paid)
    told()
    assert balance(role="deposit") == 0
    debit = record_payment(**common, amount=Decimal(240), matches={second.pk: Decimal(240)})
    told()
    assert balance(role="pending") == 0
    return_payment(user=None, payment=debit, returned_on=TODAY(), reason="AM04")
    told()
    wrong = record_payment(**common, amount=Decimal(40), matches={second.pk: Decimal(40)})
    undo_payment(user=None, payment=wrong, on=TODAY(), reason="Erreur")
    told()
    lost = write_off(user=None, invoice=second, amount=Decimal(60), on=TODAY(), reason="loss")
    told()
    undo_write_off(user=None, given_up=lost, on=TODAY())
    told()
    assert balance(role="loss") == 0
    write_off(user=None, invoice=second, amount=Decimal(240), on=TODAY(), reason="loss")
    told()
    assert balance(role="pending") == 0
    assert balance(role="loss") == 200


class TestPages:
    def test_lines_open_their_document_and_are_added_up(self, cast: dict[str, User]) -> None:
        invoice = issued(cast["sales"], [line(price=100)])
        with translation.override("en"):
            answer = client_of(cast["admin"]).get("/sales/accounting/entries/?account=411")
        page = answer.content.decode()
        assert f"/sales/invoices/{invoice.pk}/" in page
        assert invoice.number in page
        rows = answer.context["list"]
        assert rows["count"] == 1
        assert "120" in str(rows["notice"])

    @pytest.mark.parametrize("sort", ["-day", "day", "account", "-debit", "-credit"])
    def test_each_sort_pages_through_every_line_once(self, cast: dict[str, User], sort: str) -> None:
        for _turn in range(18):
            record_payment(
                user=None,
                agency=agency_for_invoices(),
                received_on=TODAY(),
                amount=Decimal(10),
                method="card",
            )
        client, found = client_of(cast["admin"]), []
        url = f"/sales/accounting/entries/?sort={sort}"
        while url:
            rows = client.get(url).context["list"]
            found += [row["pk"] for row in rows["rows"]]
            url = rows["next_url"]
        assert len(found) == len(set(found)) == 36

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_lines_are_exported(self, cast: dict[str, User], kind: str) -> None:
        issued(cast["sales"], [line(price=100)])
        answer = client_of(cast["admin"]).get(f"/sales/accounting/entries/?all=1&export={kind}")
        assert answer.status_code == 200
        content = b"".join(answer.streaming_content)
        assert len(content) > 200

    def test_who_may_look_may_not_close_nor_export(self, cast: dict[str, User]) -> None:
        issued(cast["sales"], [line(price=100)], on=YESTERDAY)
        reader = make_user("reader", role=make_role("books", sales_accounting=("all", ["view"])))
        client = client_of(reader)
        for url in ("", "entries/?all=1", "balance/"):
            assert client.get(f"/sales/accounting/{url}").status_code == 200
        assert client.get("/sales/accounting/close/").status_code == 403
        assert client.post("/sales/accounting/close/", {}).status_code == 403
        assert client.post("/sales/accounting/fec/", {}).status_code == 403
        assert client.get("/sales/accounting/entries/?all=1&export=csv").status_code == 403
        assert client.get("/sales/accounting/balance/?export=csv").status_code == 403
        assert not Closing.objects.exists()
        assert not BookExport.objects.exists()

    def test_a_period_is_closed_once_one_is_sure(self, cast: dict[str, User]) -> None:
        invoice = issued(cast["sales"], [line(price=100)], on=YESTERDAY)
        client, url = client_of(cast["admin"]), "/sales/accounting/close/"
        asked = {"agency": invoice.agency_id, "until": YESTERDAY.isoformat()}
        told = client.get(url, asked)
        assert told.status_code == 200
        assert told.context["told"].entries == 1
        assert client.post(url, asked).status_code == 422
        assert client.post(url, {**asked, "sure": "yes", "until": TODAY().isoformat()}).status_code == 422
        assert client.post(url, {**asked, "sure": "yes", "until": "0000-99-99"}).status_code == 422
        assert not Closing.objects.exists()
        assert client.post(url, {**asked, "sure": "yes"}).status_code == 302
        assert Closing.objects.get().closed_by == cast["admin"]
        assert BookEntry.objects.get().number == 1

    @pytest.mark.parametrize("query", ["agency=999", "agency=x", "year=1", "year=x2026"])
    def test_books_that_there_are_not(self, cast: dict[str, User], query: str) -> None:
        agency_for_invoices()
        client = client_of(cast["admin"])
        for url in ("", "balance/"):
            assert client.get(f"/sales/accounting/{url}?{query}").status_code in (200, 404)

    def test_a_fec_is_asked_for_and_taken(self, cast: dict[str, User]) -> None:
        invoice = issued(cast["sales"], [line(price=100)], on=YESTERDAY)
        close_books(user=None, agency=invoice.agency, until=YESTERDAY)
        client = client_of(cast["admin"])
        answer = client.post("/sales/accounting/fec/", {"agency": invoice.agency_id, "year": YESTERDAY.year})
        assert answer.status_code == 302
        export = BookExport.objects.get()
        url = f"/sales/accounting/fec/{export.pk}/"
        assert client.get(url).status_code == 404
        run_export(export.pk)
        answer = client.get(url)
        assert f"732829320FEC{YESTERDAY.year}1231.txt" in answer["Content-Disposition"]
        assert b"".join(answer.streaming_content).startswith(b"JournalCode\t")
        assert "EcritureNum" in client.get(f"{url}description/").content.decode()
        page = client.get("/sales/accounting/").content.decode()
        assert url in page

    def test_the_balance_adds_up_by_account_and_by_client(self, cast: dict[str, User]) -> None:
        first = issued(cast["sales"], [line(price=100)])
        issued(cast["sales"], [line(price=200)])
        year = years_of(first.agency)[0]
        rows = balance_of(first.agency, year)
        assert sum(row.balance for row in rows) == 0
        clients = balance_of(first.agency, year, by_client=True)
        assert sorted(row.balance for row in clients) == [120, 240]
        client = client_of(cast["admin"])
        assert client.get("/sales/accounting/balance/").status_code == 200
        for kind in ("csv", "xlsx"):
            assert client.get(f"/sales/accounting/balance/?export={kind}").status_code == 200
        assert client.get("/sales/accounting/balance/?export=pdf").status_code == 400

    def test_the_account_of_a_client_runs_to_what_is_owed(self, cast: dict[str, User]) -> None:
        invoice = issued(cast["sales"], [line(price=100)])
        record_payment(
            user=None, agency=invoice.agency, received_on=TODAY(), amount=Decimal(120), method="card",
            matches={invoice.pk: Decimal(120)},
        )  # fmt: skip
        answer = client_of(cast["admin"]).get(f"/sales/accounting/clients/{invoice.client_id}/")
        assert [row.balance for row in answer.context["rows"]] == [120, 0]
        assert {row.line.letter_text for row in answer.context["rows"]} == {"A"}
