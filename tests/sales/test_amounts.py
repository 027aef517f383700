"""What lines come to: to the cent, per rate, whatever the numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.amounts import Discount, Line, spread, sums_of, to_cent

RATES = [Decimal(rate) for rate in ("20", "10", "5.5", "2.1", "0")]
numbers = st.decimals(min_value=0, max_value=100_000, places=4, allow_nan=False, allow_infinity=False)
amounts = st.decimals(min_value=0, max_value=1_000_000, places=2, allow_nan=False, allow_infinity=False)
percents = st.decimals(min_value=0, max_value=100, places=2, allow_nan=False, allow_infinity=False)
lines_of_any_kind = st.lists(
    st.builds(Line, numbers, numbers, st.sampled_from(RATES), percents), min_size=1, max_size=12
)


def line(quantity: str, price: str, rate: str = "20", off: str = "0") -> Line:
    return Line(Decimal(quantity), Decimal(price), Decimal(rate), Decimal(off))


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    assert sums_of([line("1", "0.1"), line("1", "0.2")]).net == Decimal("0.30")


def test_vat_is_rounded_once_a_rate_and_not_once_a_line() -> None:
    # Three times 0.33 at 20 %: 0.066 each would round to 0.07 and make 0.21.
    assert sums_of([line("1", "0.33")] * 3).vat == Decimal("0.20")


def test_half_a_cent_goes_away_from_nought() -> None:
    assert to_cent(Decimal("0.125")) == Decimal("0.13")
    assert to_cent(Decimal("-0.125")) == Decimal("-0.13")


def test_quantities_have_four_decimals() -> None:
    assert sums_of([line("0.3333", "300")]).net == Decimal("99.99")


def test_a_line_has_its_discount_before_the_document_has_its_own() -> None:
    sums = sums_of([line("2", "500", off="10"), line("1", "100", "5.5")], Discount(percent=Decimal(10)))
    assert (sums.nets, sums.subtotal, sums.discount) == (
        (Decimal("900.00"), Decimal("100.00")),
        Decimal("1000.00"),
        Decimal("100.00"),
    )
    assert [(each.rate, each.base, each.vat) for each in sums.rates] == [
        (Decimal("5.50"), Decimal("90.00"), Decimal("4.95")),
        (Decimal("20.00"), Decimal("810.00"), Decimal("162.00")),
    ]
    assert sums.gross == Decimal("1066.95")


def test_an_amount_off_is_shared_by_the_rates_to_the_cent() -> None:
    sums = sums_of(
        [line("1", "10"), line("1", "10", "10"), line("1", "10", "5.5")], Discount(amount=Decimal(10))
    )
    assert [each.discount for each in sums.rates] == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]


@pytest.mark.parametrize("off", [Discount(amount=Decimal("10.01")), Discount(percent=Decimal("100.1"))])
def test_no_discount_exceeds_what_it_is_on(off: Discount) -> None:
    with pytest.raises(ValueError, match="discount"):
        sums_of([line("1", "10")], off)


def test_nothing_comes_to_nothing() -> None:
    assert sums_of([]).gross == 0
    assert sums_of([line("0", "10")]).gross == 0


@given(lines_of_any_kind, percents)
def test_everything_adds_up(lines: list[Line], percent: Decimal) -> None:
    sums = sums_of(lines, Discount(percent=percent))
    assert sum(sums.nets) == sums.subtotal == sum(each.lines for each in sums.rates)
    assert sum(each.discount for each in sums.rates) == sums.discount
    assert sum(each.base for each in sums.rates) == sums.net == sums.subtotal - sums.discount
    assert sum(each.vat for each in sums.rates) == sums.vat
    assert sums.gross == sums.net + sums.vat
    assert all(each.vat == to_cent(each.base * each.rate / 100) for each in sums.rates)


@given(lines_of_any_kind)
def test_the_order_of_lines_changes_no_sum(lines: list[Line]) -> None:
    there, back = sums_of(lines), sums_of(lines[::-1])
    assert (there.net, there.rates, there.gross) == (back.net, back.rates, back.gross)


@given(amounts, st.lists(amounts.filter(bool), min_size=1, max_size=8))
def test_shares_come_to_the_whole_and_none_is_a_cent_off(amount: Decimal, weights: list[Decimal]) -> None:
    shares, total = spread(amount, weights), sum(weights)
    assert sum(shares) == amount
    assert all(
        abs(share - amount * weight / total) < Decimal("0.01")
        for share, weight in zip(shares, weights, strict=True)
    )
