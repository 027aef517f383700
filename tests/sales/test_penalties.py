"""Penalties for late payment: to the day, to the cent, for firms alone."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.models import Agency, PenaltyRate
from sales.penalties import half_year, next_half_year, spans, total
from sales.services.penalties import charges_of, in_force, is_rate_missing
from tests.base import make_cast, make_contact
from tests.sales.records import make_client
from tests.sales.reminders import owed, paid
from tests.sales.stages import ship_stages

D = Decimal
DAYS = st.dates(date(2023, 1, 1), date(2028, 12, 31))
AMOUNTS = st.decimals(D("0.01"), D("999999.99"), places=2)


def rates(day: date) -> Decimal:
    return D(12) + day.year % 3


def test_a_span_of_thirty_days() -> None:
    """1 200 € for 30 days at 12,15 % a year: 1200 × 0,1215 × 30 / 365."""
    (one,) = spans(D(1200), [], due=date(2026, 3, 1), until=date(2026, 3, 31), rate=lambda day: D("12.15"))
    assert (one.days, one.amount) == (30, D("11.98"))


def test_the_due_day_itself_costs_nothing() -> None:
    assert spans(D(100), [], due=date(2026, 3, 1), until=date(2026, 3, 1), rate=rates) == []


def test_a_half_year_has_its_own_rate() -> None:
    found = spans(D(1000), [], due=date(2026, 6, 29), until=date(2026, 7, 2), rate=lambda day: D(day.month))
    assert [(each.start.day, each.end.day, each.percent) for each in found] == [(30, 30, 1), (1, 2, 7)]


def test_what_was_paid_counts_from_its_day() -> None:
    moves = [(date(2026, 3, 11), D(400))]
    found = spans(D(1000), moves, due=date(2026, 3, 1), until=date(2026, 3, 20), rate=rates)
    assert [(each.days, each.left) for each in found] == [(9, D(1000)), (10, D(600))]


def test_29_february_is_a_day_like_others() -> None:
    (one,) = spans(D(1000), [], due=date(2028, 2, 28), until=date(2028, 3, 1), rate=rates)
    assert one.days == 2


@given(AMOUNTS, DAYS, st.integers(0, 900), st.lists(st.tuples(DAYS, AMOUNTS), max_size=5))
def test_spans_cover_each_day_once_and_never_what_is_paid(
    owed_then: Decimal, due: date, late: int, moves: list[tuple[date, Decimal]]
) -> None:
    until = due + timedelta(days=late)
    found = spans(owed_then, moves, due=due, until=until, rate=rates)
    days = [each.start + timedelta(days=n) for each in found for n in range(each.days)]
    assert len(days) == len(set(days))
    for day in [due + timedelta(days=n) for n in range(1, late + 1)]:
        left = owed_then - sum((amount for at, amount in moves if at <= day), D(0))
        assert (day in days) == (left > 0)
    for each in found:
        assert half_year(each.start) == half_year(each.end)
        assert each.percent == rates(half_year(each.start))
    assert total(found) == sum((each.amount for each in found), D(0))
    exact = sum((each.left * each.percent * each.days / D(36500) for each in found), D(0))
    assert abs(total(found) - exact) <= D("0.005") * len(found)


@given(AMOUNTS, DAYS, st.integers(0, 400), st.integers(0, 400))
def test_waiting_longer_never_costs_less(owed_then: Decimal, due: date, one: int, more: int) -> None:
    def cost(days: int) -> Decimal:
        until = due + timedelta(days=days)
        return sum(
            (
                each.left * each.percent * each.days
                for each in spans(owed_then, [], due=due, until=until, rate=rates)
            ),
            D(0),
        )

    assert cost(one) <= cost(one + more)


@given(DAYS)
def test_half_years_follow_each_other(day: date) -> None:
    assert half_year(day) <= day < next_half_year(day)
    assert half_year(next_half_year(day)) == next_half_year(day)


@pytest.mark.django_db
def test_a_firm_owes_penalties_and_forty_euros() -> None:
    invoice = owed(make_cast()["sales"], late=10)
    assert invoice.due_on is not None
    charges = charges_of(invoice, invoice.due_on + timedelta(days=10))
    assert charges.days == 10
    assert charges.indemnity == D(40)
    # The Bank's 2,15 % and 10 points.
    assert charges.percent == D("12.15")
    assert charges.penalties == (invoice.gross * D("12.15") * 10 / D(36500)).quantize(D("0.01"))
    assert charges_of(invoice, invoice.due_on).all == 0


@pytest.mark.django_db
def test_a_consumer_owes_neither() -> None:
    cast = make_cast()
    person = make_contact(
        cast["sales"], address="1 rue A", postcode="75001", city="Paris", email="anne@client.test"
    )
    invoice = owed(cast["sales"], late=30, client=make_client(cast["sales"], contact=person))
    assert invoice.due_on is not None
    charges = charges_of(invoice, invoice.due_on + timedelta(days=30))
    assert (charges.all, charges.spans, charges.days) == (0, (), 30)


@pytest.mark.django_db
def test_what_came_in_late_is_counted_until_its_day() -> None:
    invoice = owed(make_cast()["sales"], late=20)
    assert invoice.due_on is not None
    paid(invoice, 500, on=invoice.due_on + timedelta(days=10))
    found = charges_of(invoice, invoice.due_on + timedelta(days=20)).spans
    assert sorted({each.left for each in found}) == [invoice.gross - 500, invoice.gross]
    assert sum(each.days for each in found) == 20


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rule", "day", "percent"),
    [
        ("ecb", date(2024, 2, 1), "14.50"),
        ("ecb", date(2024, 8, 1), "14.25"),
        ("ecb", date(2025, 3, 20), "13.15"),
        ("ecb", date(2026, 11, 1), "12.15"),
        ("legal", date(2025, 12, 31), "8.28"),
        ("legal", date(2026, 1, 1), "7.86"),
    ],
)
def test_rates_are_those_that_were_published(rule: Any, day: date, percent: str) -> None:
    ship_stages()
    assert in_force(Agency(penalty_rule=rule), day) == D(percent)


@pytest.mark.django_db
def test_one_is_told_when_the_half_year_has_no_rate() -> None:
    ship_stages()
    assert is_rate_missing(date(2026, 7, 1))
    PenaltyRate.objects.create(kind="legal", valid_from=date(2026, 7, 1), percent=D("2.60"))
    assert not is_rate_missing(date(2026, 11, 21))
