"""Recurring invoices: each period once, by days, with pauses, prices and ends; many at once and by night."""

import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections
from django.utils import timezone, translation

from people.models import User
from sales.models import Agency, BillingPlan, Invoice, InvoiceMessage, SubscriptionPrice
from sales.services import billing_plan, billing_run
from sales.services.billing_plan import (
    change_plan,
    next_bill,
    next_bills,
    prepare_plan,
    resume_plan,
    stop_plan,
)
from sales.services.billing_run import ask_to_bill, bill_due, bill_plans
from sales.services.subscription import change_subscription, end_subscription, pause_subscription
from tests.base import make_cast
from tests.sales.billing import contract_with, make_plan
from tests.sales.invoices import agency_for_invoices, make_buyer

D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def test_a_month_begun_in_the_middle_is_counted_by_days(cast: dict[str, User]) -> None:
    plan = make_plan(cast["sales"], started_on=date(2026, 9, 16), monthly_amount=D("120.10"))
    first, second = prepare_plan(user=None, plan=plan, until=date(2026, 10, 1))
    assert (first.period_start, first.period_end, first.net) == (
        date(2026, 9, 16),
        date(2026, 9, 30),
        D("60.05"),
    )
    line = first.lines.get()
    assert "15 of 30 days" in line.description or "jours" in line.description
    assert (second.net, second.lines.get().unit) == (D("120.10"), "MON")
    assert first.once_key == f"plan-{plan.pk}-2026-09-16"
    plan.refresh_from_db()
    assert (plan.billed_until, plan.next_on) == (date(2026, 10, 31), date(2026, 11, 1))


def test_asked_again_it_makes_nothing(cast: dict[str, User]) -> None:
    plan = make_plan(cast["sales"], started_on=date(2026, 11, 1))
    assert len(prepare_plan(user=None, plan=plan, until=date(2026, 11, 1))) == 1
    assert prepare_plan(user=None, plan=plan, until=date(2026, 11, 1)) == []
    assert Invoice.objects.count() == 1


def test_a_period_that_has_an_invoice_is_refused_when_the_plan_is_put_back(cast: dict[str, User]) -> None:
    plan = make_plan(cast["sales"], started_on=date(2026, 11, 1))
    prepare_plan(user=None, plan=plan, until=date(2026, 11, 1))
    change_plan(user=None, plan=plan, values={"billed_until": None})
    with pytest.raises(ValidationError, match="invoiced already"):
        prepare_plan(user=None, plan=plan, until=date(2026, 11, 1))


def test_it_ends_with_the_subscription(cast: dict[str, User]) -> None:
    plan = make_plan(cast["sales"], started_on=date(2026, 10, 1), ended_on=date(2026, 11, 10))
    invoices = prepare_plan(user=None, plan=plan, until=date(2026, 12, 1))
    assert [invoice.net for invoice in invoices] == [D(120), D(40)]
    assert invoices[1].period_end == date(2026, 11, 10)
    plan.refresh_from_db()
    assert (plan.status, plan.next_on) == ("done", None)


def test_an_end_that_is_said_later_is_followed(cast: dict[str, User]) -> None:
    plan = make_plan(cast["sales"], started_on=timezone.localdate().replace(day=1), timing="arrears")
    end_subscription(user=None, subscription=plan.subscription)
    plan.refresh_from_db()
    assert plan.next_until == timezone.localdate()


def test_pauses_are_left_out(cast: dict[str, User]) -> None:
    plan = make_plan(cast["sales"], started_on=date(2026, 6, 1), monthly_amount=D(90), timing="arrears")
    plan.subscription.pauses.create(starts_on=date(2026, 6, 11), ends_on=date(2026, 7, 31))
    june, august = prepare_plan(user=None, plan=plan, until=date(2026, 9, 1))
    assert (june.net, august.period_start, august.net) == (D(30), date(2026, 8, 1), D(90))


def test_while_it_is_paused_nothing_is_made_and_its_days_are_kept(cast: dict[str, User]) -> None:
    plan = make_plan(cast["sales"], started_on=date(2026, 11, 1))
    pause_subscription(user=None, subscription=plan.subscription)
    plan.refresh_from_db()
    assert plan.next_on is None
    assert prepare_plan(user=None, plan=plan, until=date(2026, 11, 21)) == []
    assert plan.subscription.pauses.get().starts_on == timezone.localdate()


def test_a_price_changes_from_a_day_on(cast: dict[str, User]) -> None:
    plan = make_plan(cast["sales"], started_on=date(2026, 6, 1), monthly_amount=D(60), timing="arrears")
    SubscriptionPrice.objects.create(
        subscription=plan.subscription, starts_on=date(2026, 6, 16), monthly_amount=D(90)
    )
    assert next_bill(BillingPlan.objects.get(pk=plan.pk)).net == D(75)  # type: ignore[union-attr]
    billing_run.apply_prices(date(2026, 6, 20))
    plan.subscription.refresh_from_db()
    assert plan.subscription.monthly_amount == D(90)
    june = next_bill(BillingPlan.objects.get(pk=plan.pk))
    assert june is not None
    assert june.net == D(75)
    assert [part.amount for part in june.parts] == [D(30), D(45)]


def test_a_contract_asks_by_the_month_and_by_the_year(cast: dict[str, User]) -> None:
    contract = contract_with(
        cast["sales"], ("Site", 2900, "once"), ("Maintenance", 49, "month"), ("Nom de domaine", 100, "year")
    )
    plan = make_plan(cast["sales"], contract=contract)
    bills = next_bills(plan, 12)
    assert sum(bill.net for bill in bills) == 12 * 49 + 100
    change_plan(user=None, plan=plan, values={"period": "year"})
    year = next_bill(BillingPlan.objects.get(pk=plan.pk))
    assert year is not None
    assert (year.net, year.days.end) == (D(688), date(2026, 12, 31))
    units = {line["unit"] for line in billing_plan.lines_of(plan, year)}
    assert units == {"MON", "ANN"}


def test_what_asks_nothing_again_and_again_has_no_plan(cast: dict[str, User]) -> None:
    with pytest.raises(ValidationError, match="no line"):
        make_plan(cast["sales"], contract=contract_with(cast["sales"], ("Site", 2900, "once")))
    plan = make_plan(cast["sales"])
    with pytest.raises(ValidationError, match="already"):
        make_plan(cast["sales"], subscription=plan.subscription)


def test_a_contract_that_nobody_signed_waits(cast: dict[str, User]) -> None:
    contract = contract_with(cast["sales"], ("Maintenance", 49, "month"), status="pending")
    plan = make_plan(cast["sales"], contract=contract)
    assert prepare_plan(user=None, plan=plan, until=date(2026, 11, 1)) == []


def test_stopped_it_makes_nothing(cast: dict[str, User]) -> None:
    plan = make_plan(cast["sales"])
    stop_plan(user=cast["sales"], plan=plan)
    assert prepare_plan(user=None, plan=plan, until=date(2026, 11, 1)) == []
    resume_plan(user=cast["sales"], plan=plan)
    assert plan.status == "active"
    assert plan.next_on == date(2026, 1, 1)


def test_by_night_agencies_go_as_far_as_they_say(cast: dict[str, User]) -> None:
    agency = agency_for_invoices()
    plan = make_plan(cast["sales"], started_on=timezone.localdate().replace(day=1))
    assert bill_due() == (1, 0)
    assert Invoice.objects.get().is_draft
    agency.recurring = Agency.Recurring.SEND
    agency.save()
    assert bill_due() == (1, 0)
    invoice = Invoice.objects.get()
    assert invoice.number is not None
    assert invoice.sent_at is not None
    assert InvoiceMessage.objects.get().to == plan.client.company.email  # type: ignore[union-attr]
    assert bill_due() == (0, 0)


def test_one_that_fails_is_told_and_stops_no_other(cast: dict[str, User]) -> None:
    today = timezone.localdate().replace(day=1)
    bad = make_plan(
        cast["sales"], started_on=today, client=make_buyer(cast["sales"], address="", siren="443061841")
    )
    make_plan(cast["sales"], started_on=today, client=make_buyer(cast["sales"], siren="542065479"))
    plans = [plan.pk for plan in BillingPlan.objects.all()]
    done, refused = bill_plans(cast["admin"].pk, plans, timezone.localdate(), True)
    assert (done, refused) == (1, 1)
    bad.refresh_from_db()
    assert "address" in bad.fault
    assert Invoice.objects.filter(status="issued").count() == 1


def test_others_plans_and_missing_grants_are_refused(cast: dict[str, User]) -> None:
    plan = make_plan(cast["sales"], started_on=timezone.localdate().replace(day=1))
    with pytest.raises(PermissionDenied):
        ask_to_bill(user=cast["marketing"], pks=[plan.pk], until=timezone.localdate())
    with pytest.raises(PermissionDenied):
        ask_to_bill(user=cast["sales"], pks=[plan.pk], until=timezone.localdate(), issue=True)
    assert bill_plans(cast["stranger"].pk, [plan.pk], timezone.localdate(), False) == (0, 0)
    with pytest.raises(ValidationError, match="two months"):
        ask_to_bill(user=cast["admin"], pks=[plan.pk], until=date(2099, 1, 1))


def test_a_wrong_amount_typed_again_counts_for_what_is_not_invoiced(cast: dict[str, User]) -> None:
    plan = make_plan(cast["sales"], started_on=date(2026, 10, 1))
    prepare_plan(user=None, plan=plan, until=date(2026, 10, 1))
    change_subscription(user=None, subscription=plan.subscription, values={"monthly_amount": D(150)})
    plan.refresh_from_db()
    assert plan.next_net == D(150)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite writes one after the other")
@pytest.mark.django_db(transaction=True)
def test_eight_who_prepare_at_once_make_each_period_once() -> None:
    cast = make_cast()
    plans = [
        make_plan(cast["sales"], started_on=date(2026, 9, 1), client=make_buyer(cast["sales"], siren=siren))
        for siren in ("552100554", "443061841", "542065479")
    ]
    raised: list[Any] = []

    def run() -> None:
        try:
            for plan in plans:
                prepare_plan(user=None, plan=BillingPlan.objects.get(pk=plan.pk), until=date(2026, 11, 1))
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []
    keys = sorted(Invoice.objects.values_list("once_key", flat=True))
    assert len(keys) == len(set(keys)) == 9
