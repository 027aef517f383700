"""Commissions: to the cent, never twice, taken back in the month in which it happens."""

import hashlib
import threading
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from crm.models import Deal
from digiweb.periods import month_before
from people.models import User
from people.services.salesperson import change_salesperson
from sales import jobs
from sales.models import CommissionLine, CommissionRate, CommissionStatement, CommissionTerms, Contract
from sales.services.commission import adjust_statement, recount_commissions, remove_adjustment
from sales.services.commission_closing import (
    close_many,
    close_statement,
    pay_statement,
    prepare_commissions,
    unpay_statement,
)
from sales.services.commission_paper import pdf_of
from sales.services.commission_rate import create_rate
from sales.services.contract import change_contract, change_contracts, delete_contracts, terminate_contract
from sales.services.invoice_credit import cancel_invoice, create_credit_note
from sales.services.invoice_issue import issue_invoice
from sales.services.invoice_sources import draft_from_contract
from tests.base import client_of, make_cast, make_deal
from tests.sales.invoices import agency_for_invoices, make_buyer
from tests.sales.records import make_client, make_contract, make_offer

pytestmark = pytest.mark.django_db
D = Decimal
TODAY = timezone.localdate()
LAST = month_before(TODAY, 1)
BEFORE = month_before(TODAY, 2)


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    CommissionTerms.objects.create(counts_from=BEFORE)
    return make_cast()


@pytest.fixture
def hugo(cast: dict[str, User]) -> User:
    return cast["sales"]


def rate(percent: Any = 5, **fields: Any) -> CommissionRate:
    given = {"value": D(str(percent)), "starts_on": date(2020, 1, 1), **fields}
    return create_rate(user=None, rate=CommissionRate(**given))


def signed(user: User, on: date, amount: Any = 1000, **fields: Any) -> Contract:
    given = {"status": Contract.Status.SIGNED, "signed_on": on, "amount": D(str(amount)), **fields}
    return make_contract(user, **given)


def statement_of(user: User, month: date) -> CommissionStatement:
    return CommissionStatement.objects.get(person=user, month=month)


def lines_of(user: User, month: date) -> list[tuple[str, str, Decimal]]:
    lines = CommissionLine.objects.filter(person=user, month=month).order_by("pk")
    return [(line.kind, line.cause, line.amount) for line in lines]


def closed(user: User, month: date, by: Any = None) -> CommissionStatement:
    recount_commissions()
    return close_statement(user=by, statement=statement_of(user, month))


# --- What is earned


def test_a_contract_earns_in_the_month_in_which_it_was_signed_to_the_cent(hugo: User) -> None:
    rate("3.33")
    signed(hugo, LAST, "1234.56")
    signed(hugo, LAST + timedelta(days=3), "0.15")
    recount_commissions()
    statement = statement_of(hugo, LAST)
    # 41.110848 → 41.11; 0.004995 → 0.00, which is no line.
    assert (statement.earned, statement.taken_back, statement.total) == (D("41.11"), D(0), D("41.11"))
    assert not CommissionStatement.objects.filter(month=TODAY.replace(day=1)).exists()


def test_counting_again_changes_nothing(hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    recount_commissions()
    before = list(CommissionLine.objects.values("pk", "amount", "version"))
    recount_commissions()
    assert list(CommissionLine.objects.values("pk", "amount", "version")) == before


def test_a_won_deal_earns_where_there_is_no_contract(hugo: User) -> None:
    rate()
    make_deal(hugo, stage=Deal.Stage.WON, closed_on=LAST, amount=D(2000))
    recount_commissions()
    assert lines_of(hugo, LAST) == [("sale", "", D("100.00"))]


def test_a_deal_and_the_contract_of_its_client_are_one_sale(hugo: User) -> None:
    rate()
    client = make_client(hugo)
    make_deal(hugo, stage=Deal.Stage.WON, closed_on=LAST, amount=D(2000), company=client.company)
    make_deal(hugo, stage=Deal.Stage.WON, closed_on=LAST, amount=D(700), company=client.company)
    signed(hugo, LAST + timedelta(days=2), 2000, client=client)
    recount_commissions()
    # One contract stands for one deal, of two that are as near the first: 2 000 and 700 earn.
    assert sorted(amount for _kind, _cause, amount in lines_of(hugo, LAST)) == [D("35.00"), D("100.00")]


def test_a_contract_that_follows_a_closed_deal_takes_its_place(hugo: User) -> None:
    rate()
    client = make_client(hugo)
    make_deal(hugo, stage=Deal.Stage.WON, closed_on=LAST, amount=D(2000), company=client.company)
    closed(hugo, LAST)
    signed(hugo, TODAY, 2200, client=client)
    recount_commissions()
    found = lines_of(hugo, TODAY.replace(day=1))
    assert sorted(found) == [("sale", "", D("110.00")), ("takeback", "replaced", D("-100.00"))]


def test_rates_the_most_particular_one_counts(cast: dict[str, User], hugo: User) -> None:
    offer = make_offer()
    rate(1)
    change_salesperson(user=cast["admin"], person=hugo, values={"commission_rate": D(2)})
    signed(hugo, LAST)
    recount_commissions()
    assert statement_of(hugo, LAST).total == D("20.00")
    rate(3, person=hugo)
    recount_commissions()
    assert statement_of(hugo, LAST).total == D("30.00")
    Contract.objects.update(offer=offer)
    rate(4, offer=offer)
    recount_commissions()
    assert statement_of(hugo, LAST).total == D("40.00")
    rate(5, offer=offer, person=hugo)
    rate(9, offer=offer, person=hugo, starts_on=TODAY + timedelta(days=1))
    rate(8, offer=offer, person=hugo, ends_on=LAST - timedelta(days=1))
    recount_commissions()
    assert statement_of(hugo, LAST).total == D("50.00")


def test_a_fixed_amount_is_earned_once_a_contract(hugo: User) -> None:
    rate(150, basis="fixed")
    lines = [
        {"label": "Site", "quantity": D(1), "unit_amount": D(1000), "vat_rate": D(20), "period": "once"},
        {"label": "Soin", "quantity": D(1), "unit_amount": D(50), "vat_rate": D(20), "period": "month"},
    ]
    signed(hugo, LAST, lines=lines)
    recount_commissions()
    assert lines_of(hugo, LAST) == [("sale", "", D("150.00"))]


def test_what_is_paid_by_the_month_has_a_rate_of_its_own(cast: dict[str, User], hugo: User) -> None:
    values = {"commission_rate": D(5), "recurring_rate": D(10)}
    change_salesperson(user=cast["admin"], person=hugo, values=values)
    lines = [
        {"label": "Site", "quantity": D(1), "unit_amount": D(1000), "vat_rate": D(20), "period": "once"},
        {"label": "Soin", "quantity": D(1), "unit_amount": D(50), "vat_rate": D(20), "period": "month"},
    ]
    contract = signed(hugo, LAST, lines=lines)
    recount_commissions()
    assert contract.amount == D(1600)
    assert sorted(amount for _k, _c, amount in lines_of(hugo, LAST)) == [D("50.00"), D("60.00")]


def test_nothing_counts_before_the_day_of_the_rules(hugo: User) -> None:
    rate()
    signed(hugo, BEFORE - timedelta(days=1))
    recount_commissions()
    assert not CommissionStatement.objects.exists()


# --- What is taken back


def test_a_contract_terminated_early_is_taken_back_in_the_month_it_happens(hugo: User) -> None:
    rate()
    contract = signed(hugo, LAST)
    closed(hugo, LAST)
    terminate_contract(user=hugo, contract=contract, reason="Rétractation")
    recount_commissions()
    assert lines_of(hugo, LAST) == [("sale", "", D("50.00"))]
    assert lines_of(hugo, TODAY.replace(day=1)) == [("takeback", "terminated", D("-50.00"))]


def test_after_the_days_of_the_rules_nothing_is_taken_back(hugo: User) -> None:
    rate()
    CommissionTerms.objects.update(takeback_days=5)
    contract = signed(hugo, BEFORE)
    recount_commissions()
    terminate_contract(user=hugo, contract=contract, reason="Fermeture")
    recount_commissions()
    assert CommissionLine.objects.count() == 1


def test_what_is_credited_is_taken_back_and_given_again_when_invoiced_again(
    cast: dict[str, User], hugo: User
) -> None:
    agency_for_invoices()
    rate()
    contract = signed(hugo, LAST, client=make_buyer(hugo))
    closed(hugo, LAST)
    invoice = draft_from_contract(user=hugo, contract=contract)
    issue_invoice(user=cast["admin"], invoice=invoice)
    number = invoice.lines.get().pk
    note = create_credit_note(user=cast["admin"], invoice=invoice, amounts={number: D(400)}, reason="Remise")
    issue_invoice(user=cast["admin"], invoice=note)
    recount_commissions()
    month = TODAY.replace(day=1)
    assert lines_of(hugo, month) == [("takeback", "credited", D("-20.00"))]
    cancel_invoice(user=cast["admin"], invoice=invoice, reason="Erreur")
    recount_commissions()
    assert lines_of(hugo, month) == [("takeback", "credited", D("-50.00"))]
    again = draft_from_contract(user=hugo, contract=contract)
    issue_invoice(user=cast["admin"], invoice=again)
    recount_commissions()
    assert lines_of(hugo, month) == []


def test_a_contract_deleted_after_the_closing_is_taken_back(hugo: User) -> None:
    rate()
    contract = signed(hugo, LAST)
    closed(hugo, LAST)
    delete_contracts(user=hugo, pks=[contract.pk])
    recount_commissions()
    assert lines_of(hugo, TODAY.replace(day=1)) == [("takeback", "gone", D("-50.00"))]


def test_what_is_closed_stays_with_whoever_earned_it(cast: dict[str, User], hugo: User) -> None:
    rate()
    contract = signed(hugo, LAST)
    closed(hugo, LAST)
    change_contracts(user=None, pks=[contract.pk], values={"owner": cast["sales2"]})
    recount_commissions()
    assert not CommissionLine.objects.filter(person=cast["sales2"]).exists()
    contract.refresh_from_db()
    change_contract(user=None, contract=contract, values={"amount": D(1400)})
    recount_commissions()
    assert lines_of(hugo, TODAY.replace(day=1)) == [("correction", "changed", D("20.00"))]


def test_a_sale_entered_late_counts_in_the_first_open_month(hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    closed(hugo, LAST)
    signed(hugo, LAST, 600)
    recount_commissions()
    assert lines_of(hugo, TODAY.replace(day=1)) == [("sale", "", D("30.00"))]


def test_the_lines_of_a_sale_always_come_to_what_it_is_worth(hugo: User) -> None:
    rate("7.77")
    contract = signed(hugo, BEFORE, "999.99")
    closed(hugo, BEFORE)
    for amount in ("1500.01", "0.01", "333.33"):
        change_contract(user=None, contract=contract, values={"amount": D(amount)})
        recount_commissions()
        worth = (D(amount) * D("7.77") / 100).quantize(D("0.01"))
        assert sum(line.amount for line in CommissionLine.objects.all()) == worth


# --- By hand


def test_adjustments_have_a_reason_and_survive_counting(cast: dict[str, User], hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    recount_commissions()
    statement = statement_of(hugo, LAST)
    with pytest.raises(ValidationError):
        adjust_statement(user=cast["admin"], statement=statement, amount=D(10), note=" ")
    with pytest.raises(ValidationError):
        adjust_statement(user=cast["admin"], statement=statement, amount=D(0), note="Prime")
    with pytest.raises(PermissionDenied):
        adjust_statement(user=hugo, statement=statement, amount=D(10), note="Prime")
    line = adjust_statement(user=cast["admin"], statement=statement, amount=D("-12.50"), note="Avance")
    recount_commissions()
    statement.refresh_from_db()
    assert (statement.earned, statement.adjusted, statement.total) == (D(50), D("-12.50"), D("37.50"))
    with pytest.raises(ValidationError):
        remove_adjustment(user=cast["admin"], line=statement.lines.get(kind="sale"))
    remove_adjustment(user=cast["admin"], line=line)
    statement.refresh_from_db()
    assert statement.total == D(50)


# --- Closing and paying


def test_a_closed_statement_is_numbered_kept_and_sent_once(cast: dict[str, User], hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    statement = closed(hugo, LAST, by=cast["admin"])
    assert statement.number == f"RC-{LAST.year}-00001"
    assert hashlib.sha256(pdf_of(statement)).hexdigest() == statement.pdf_sha256
    jobs.send_commission_statement(statement_id=statement.pk)
    jobs.send_commission_statement(statement_id=statement.pk)
    (message,) = mail.outbox
    assert message.to == [hugo.email]
    assert message.attachments[0][0] == f"{statement.number}.pdf"
    for refused in (
        lambda: close_statement(user=cast["admin"], statement=statement),
        lambda: adjust_statement(user=cast["admin"], statement=statement, amount=D(1), note="Prime"),
    ):
        with pytest.raises(ValidationError):
            refused()


def test_months_are_closed_in_their_order_and_once_they_are_over(cast: dict[str, User], hugo: User) -> None:
    rate()
    for day in (BEFORE, LAST, TODAY):
        signed(hugo, day)
    recount_commissions()
    for month in (TODAY.replace(day=1), LAST):
        with pytest.raises(ValidationError):
            close_statement(user=None, statement=statement_of(hugo, month))
    statements = CommissionStatement.objects.values_list("pk", flat=True)
    assert close_many(cast["admin"].pk, list(statements)) == (2, 1)
    assert close_many(cast["admin"].pk, list(statements)) == (0, 1)
    numbers = CommissionStatement.objects.filter(number__isnull=False).order_by("month")
    assert len({one.number for one in numbers}) == 2


def test_nobody_closes_what_they_did_not_see(hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    recount_commissions()
    statement = statement_of(hugo, LAST)
    signed(hugo, LAST, 400)
    with pytest.raises(ValidationError, match="70"):
        close_statement(user=None, statement=statement, total=statement.total)
    statement.refresh_from_db()
    assert (statement.status, statement.total) == ("draft", D(70))
    close_statement(user=None, statement=statement, total=D(70))


def test_paying_and_taking_the_mark_back(cast: dict[str, User], hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    recount_commissions()
    statement = statement_of(hugo, LAST)
    with pytest.raises(ValidationError):
        pay_statement(user=cast["admin"], statement=statement)
    closed(hugo, LAST)
    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=1)):
        with pytest.raises(ValidationError):
            pay_statement(user=cast["admin"], statement=statement, on=day)
    assert pay_statement(user=cast["admin"], statement=statement).paid_on == TODAY
    assert unpay_statement(user=cast["admin"], statement=statement).paid_on is None


def test_those_who_close_are_told_once_a_month(cast: dict[str, User], hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    assert prepare_commissions() == 1
    prepare_commissions()
    told = cast["admin"].notifications.filter(kind="sales.commission_ready")
    assert told.count() == 1
    assert not hugo.notifications.filter(kind="sales.commission_ready").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_at_once_one_is_told() -> None:
    CommissionTerms.objects.create(counts_from=BEFORE)
    people = make_cast()
    rate()
    signed(people["sales"], LAST)
    recount_commissions()
    statement = statement_of(people["sales"], LAST)
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def shut() -> None:
        mine = CommissionStatement.objects.get(pk=statement.pk)
        gate.wait()
        try:
            close_statement(user=None, statement=mine)
            outcomes.append("done")
        except ValidationError as error:
            outcomes.append(error.code or "")
        finally:
            connection.close()

    threads = [threading.Thread(target=shut) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # « closed » is also the code of the refusal: the second is told that it is closed.
    assert sorted(outcomes) == ["closed", "done"]
    statement.refresh_from_db()
    assert statement.number == f"RC-{LAST.year}-00001"


# --- Pages and rights


def test_pages_show_ones_own_and_each_figure_opens_its_rows(cast: dict[str, User], hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    signed(cast["stranger"], LAST, 800)
    recount_commissions()
    page = client_of(hugo).get(reverse("sales:commission_list") + "?all=1").content.decode()
    assert "50,00" in page
    assert "40,00" not in page
    statement = statement_of(hugo, LAST)
    url = reverse("sales:commission_line_list") + f"?statement={statement.pk}&kind=sale"
    assert url.replace("&", "&amp;") in page or url in page
    assert "50,00" in client_of(hugo).get(url).content.decode()
    assert client_of(hugo).get(statement.get_absolute_url()).status_code == 200
    pdf = client_of(hugo).get(reverse("sales:commission_pdf", args=[statement.pk]))
    assert pdf.content.startswith(b"%PDF")
    for name in ("detail", "pdf"):
        address = reverse(f"sales:commission_{name}", args=[statement.pk])
        assert client_of(cast["stranger"]).get(address).status_code == 404
        assert client_of(cast["manager"]).get(address).status_code == 200


def test_who_may_not_change_neither_closes_nor_adjusts(cast: dict[str, User], hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    recount_commissions()
    statement = statement_of(hugo, LAST)
    for name in ("close", "adjust", "pay", "unpay"):
        address = reverse(f"sales:commission_{name}", args=[statement.pk])
        assert client_of(hugo).post(address, {"total": "50", "amount": "5"}).status_code == 403
        assert client_of(cast["stranger"]).post(address).status_code in (403, 404)
    statement.refresh_from_db()
    assert statement.is_draft


def test_the_administrator_adjusts_closes_and_pays_from_the_page(cast: dict[str, User], hugo: User) -> None:
    rate()
    signed(hugo, LAST)
    recount_commissions()
    statement = statement_of(hugo, LAST)
    client = client_of(cast["admin"])

    def post(name: str, **data: Any) -> int:
        statement.refresh_from_db()
        given = {"version": statement.version, **data}
        return client.post(reverse(f"sales:commission_{name}", args=[statement.pk]), given).status_code

    assert post("adjust", amount="25", note="Prime") == 302
    assert post("close", total="shells") == 422
    assert post("close", total="1.00") == 302
    statement.refresh_from_db()
    assert (statement.status, statement.total) == ("draft", D(75))
    assert post("close", total="75.00") == 302
    assert post("pay", paid_on=TODAY.isoformat()) == 302
    statement.refresh_from_db()
    assert statement.status == "paid"
    assert client.get(statement.get_absolute_url()).status_code == 200
    assert client.get(reverse("sales:commission_list") + "?export=csv").status_code == 200
    assert client.post(reverse("sales:commission_recount")).status_code == 302
