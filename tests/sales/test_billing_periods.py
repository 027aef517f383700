"""The arithmetic of recurring invoices: months of 28 to 31 days, parts that add up, days of invoices."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sales.services.billing_periods import (
    Charge,
    Days,
    add_months,
    due_parts,
    invoice_day,
    part_of,
    period_of,
    price_of,
    without,
)

D = Decimal
DAYS = st.dates(date(2023, 1, 1), date(2032, 12, 31))
PRICES = st.decimals(D("0.01"), D("99999.99"), places=2)


def test_half_of_a_month_of_thirty_days_is_half_its_price() -> None:
    november = period_of(date(2026, 11, 16), 1, date(2026, 1, 1))
    assert november == Days(date(2026, 11, 1), date(2026, 11, 30))
    assert part_of(D(100), november, Days(date(2026, 11, 16), date(2026, 11, 30))) == D("50.00")


def test_a_month_has_its_own_days() -> None:
    for year, month, days in ((2026, 2, 28), (2028, 2, 29), (2026, 4, 30), (2026, 12, 31)):
        whole = period_of(date(year, month, 7), 1, date(2020, 1, 31))
        assert whole.count == days
        assert part_of(D(310), whole, Days(whole.start, whole.start)) == (D(310) / days).quantize(D("0.01"))


@given(DAYS, PRICES, st.sampled_from((1, 3, 12)), st.lists(st.integers(0, 400), max_size=5))
def test_parts_of_a_period_add_up_to_the_whole(
    day: date, price: Decimal, months: int, cuts: list[int]
) -> None:
    whole = period_of(day, months, date(2022, 5, 17))
    ends = sorted({whole.start + timedelta(days=cut % whole.count) for cut in cuts} | {whole.end})
    start, total = whole.start, D(0)
    for end in ends:
        amount = part_of(price, whole, Days(start, end))
        assert amount >= 0
        total += amount
        start = end + timedelta(days=1)
    assert total == price


@given(DAYS, st.sampled_from((1, 3, 12)), DAYS)
def test_periods_follow_each_other_without_a_gap(day: date, months: int, anchor: date) -> None:
    period = period_of(day, months, anchor)
    assert period.start <= day <= period.end
    assert period_of(period.end + timedelta(days=1), months, anchor).start == period.end + timedelta(days=1)


@given(PRICES, DAYS)
def test_twelve_months_and_four_quarters_are_a_year_to_the_cent(price: Decimal, anchor: date) -> None:
    charge = Charge("Hébergement", 12, price, D(20))
    for months in (1, 3):
        start, total = anchor, D(0)
        for _turn in range(12 // months):
            period = period_of(start, months, anchor)
            total += price_of(charge, months, period, anchor)
            start = period.end + timedelta(days=1)
        assert total == price


def test_the_end_of_a_long_month_is_the_last_day_of_a_short_one_and_comes_back() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert period_of(date(2026, 3, 1), 3, date(2025, 11, 30)) == Days(date(2026, 2, 28), date(2026, 5, 29))


def test_pauses_are_no_part_of_it() -> None:
    june = Days(date(2026, 6, 1), date(2026, 6, 30))
    assert without(june, [(date(2026, 6, 11), date(2026, 6, 20))]) == [
        Days(date(2026, 6, 1), date(2026, 6, 10)),
        Days(date(2026, 6, 21), date(2026, 6, 30)),
    ]
    charge = Charge("Maintenance", 1, D(90), D(20))
    gaps = [(date(2026, 6, 11), None)]
    parts = due_parts(charge, months=1, period=june, asked=june, anchor=june.start, gaps=gaps)
    assert [amount for _days, amount in parts] == [D("30.00")]
    assert without(june, [(date(2026, 5, 1), None)]) == []


def test_the_day_of_the_invoice() -> None:
    period = Days(date(2026, 2, 1), date(2026, 2, 28))
    assert invoice_day(period, period, 5, in_advance=True) == date(2026, 2, 5)
    assert invoice_day(period, period, 31, in_advance=True) == date(2026, 2, 28)
    assert invoice_day(period, period, 31, in_advance=False) == date(2026, 3, 31)
    begun = Days(date(2026, 2, 20), date(2026, 2, 28))
    assert invoice_day(begun, period, 5, in_advance=True) == date(2026, 2, 20)
    ended = Days(date(2026, 2, 1), date(2026, 2, 10))
    assert invoice_day(ended, period, 15, in_advance=False) == date(2026, 2, 15)
