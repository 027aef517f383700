"""Commissions for the tests."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from digiweb.periods import month_before
from people.models import User
from sales.models import CommissionLine, CommissionRate, CommissionStatement, Contract
from sales.services.commission import add_up, recount_commissions
from sales.services.commission_closing import close_statement
from sales.services.commission_rate import create_rate
from tests.sales.records import make_contract

D = Decimal
TODAY = timezone.localdate()
LAST = month_before(TODAY, 1)
BEFORE = month_before(TODAY, 2)


def make_rate(user: User | None = None, **fields: Any) -> CommissionRate:
    """5 % for everybody on everything, since long ago."""
    given = {"value": Decimal(5), "starts_on": date(2020, 1, 1), **fields}
    return create_rate(user=None, rate=CommissionRate(**given))


def make_statement(user: User, **fields: Any) -> CommissionStatement:
    """A draft of `user` of this month, with one line of 50 €."""
    given = {"person": user, "month": timezone.localdate().replace(day=1), **fields}
    statement = CommissionStatement.objects.create(**given)
    CommissionLine.objects.create(
        statement=statement,
        person=statement.person,
        month=statement.month,
        kind=CommissionLine.Kind.SALE,
        sale=f"contract-{statement.pk}",
        sold_on=statement.month,
        label="DFA-2026-0001 · Boulangerie Martin",
        basis=CommissionRate.Basis.PERCENT,
        value=Decimal(5),
        base=Decimal(1000),
        amount=Decimal(50),
    )
    add_up(statement)
    return statement


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
