"""Euros as people write them."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from digiweb.forms import AmountField


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1200", "1200"),
        ("1 200,50", "1200.50"),
        ("1\u202f200,5 €", "1200.5"),
        ("1\u00a0200.50€", "1200.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234.567,8", "1234567.8"),
        (",5", "0.5"),
        ("+3", "3"),
        ("0", "0"),
    ],
)
def test_an_amount_is_read_in_any_usual_writing(text: str, amount: str) -> None:
    assert AmountField().clean(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "-1",
        "abc",
        "1e9",
        "NaN",
        "Infinity",
        "1,234",
        "1..2",
        "1.2.3",
        "--1",
        ".",
        "€",
        "9" * 12,
        "1\x00",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        AmountField().clean(text)


def test_nothing_is_nothing_where_it_may_be() -> None:
    assert AmountField(required=False).clean("  ") is None


@pytest.mark.parametrize("text", ["\u2212120,00", "\u2212120,00\u00a0€", "-120", "\u2212\u202f120"])
def test_amounts_below_nought_as_pages_print_them(text: str) -> None:
    """« −120,00 » is what the help beside the field says."""
    assert AmountField(min_value=None).clean(text) == Decimal(-120)
    with pytest.raises(ValidationError):
        AmountField().clean(text)
