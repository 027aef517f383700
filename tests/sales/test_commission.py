"""Commissions: to the cent, never twice, taken back in the month in which it happens."""

from datetime import timedelta

import pytest

from crm.models import Deal
from people.models import User
from people.services.salesperson import change_salesperson
from sales.models import CommissionLine, CommissionStatement, CommissionTerms, Contract
from sales.services.commission import recount_commissions
from sales.services.contract import change_contract, change_contracts, delete_contracts, terminate_contract
from sales.services.invoice_credit import cancel_invoice, create_credit_note
from sales.services.invoice_issue import issue_invoice
from sales.services.invoice_sources import draft_from_contract
from tests.base import make_cast, make_deal
from tests.sales.commissions import BEFORE, LAST, TODAY, D, closed, lines_of, rate, signed, statement_of
from tests.sales.invoices import agency_for_invoices, make_buyer
from tests.sales.records import make_client, make_offer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_day")]


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    CommissionTerms.objects.create(counts_from=BEFORE)
    return make_cast()


@pytest.fixture
def hugo(cast: dict[str, User]) -> User:
    return cast["sales"]


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
