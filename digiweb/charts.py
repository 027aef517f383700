"""Charts that the server draws: bars of HTML and SVG that follow the theme, are links, and need no script.

A bar chart is a list of lines, so that whoever does not see it reads label and figure of each.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Bar:
    """One bar: what it stands for, how long it is, what is written on it, and where its rows are."""

    label: Any
    value: Decimal
    text: str
    url: str
    # Said after the text, such as the amount beside a number.
    note: str = ""
    # A second, shorter name where bars stand close to each other.
    short: str = ""
    percent: str = "0"


def bars(rows: Iterable[Bar]) -> list[Bar]:
    """`rows` with their length in percent of the longest; a bar of something is never nothing to see."""
    rows = list(rows)
    most = max((row.value for row in rows), default=Decimal(0))
    return [
        Bar(row.label, row.value, row.text, row.url, row.note, row.short, percent_of(row.value, most))
        for row in rows
    ]


def percent_of(value: Decimal, most: Decimal) -> str:
    """« 42.5 », as SVG takes it."""
    if most <= 0 or value <= 0:
        return "0"
    return f"{max(Decimal(value) * 100 / most, Decimal('0.5')):.1f}"
