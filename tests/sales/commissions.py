"""Commissions for the tests."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from people.models import User
from sales.models import CommissionLine, CommissionRate, CommissionStatement
from sales.services.commission import add_up
from sales.services.commission_rate import create_rate


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
