"""Days of the banks, characters and addresses of direct debits."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from sales.services.debit_file import address_of, sepa_text
from sales.services.target_days import closed_days, collection_day, easter, is_target_day, target_day

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


# --- Days


@pytest.mark.parametrize(
    ("year", "day"),
    [(2024, (3, 31)), (2025, (4, 20)), (2026, (4, 5)), (2027, (3, 28)), (2038, (4, 25)), (2285, (3, 22))],
)
def test_easter(year: int, day: tuple[int, int]) -> None:
    assert easter(year) == date(year, *day)


def test_banks_rest_on_six_days_and_at_weekends() -> None:
    assert closed_days(2026) == {
        date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1), date(2026, 12, 25),
        date(2026, 12, 26),
    }  # fmt: skip
    assert is_target_day(date(2026, 5, 8))
    assert is_target_day(date(2026, 7, 14))
    assert target_day(date(2026, 4, 3)) == date(2026, 4, 7)
    assert target_day(date(2026, 12, 25)) == date(2026, 12, 28)


@pytest.mark.parametrize(
    ("earliest", "day", "wanted"),
    [
        ((2026, 2, 1), 31, (2026, 3, 2)),  # 28 February is a Saturday
        ((2028, 2, 1), 31, (2028, 2, 29)),
        ((2026, 4, 1), 30, (2026, 4, 30)),
        ((2026, 12, 20), 5, (2027, 1, 5)),
        ((2026, 11, 15), 15, (2026, 11, 16)),
        ((2026, 11, 16), 15, (2026, 11, 16)),  # 15 November is a Sunday: its Monday still serves
        ((2026, 4, 2), None, (2026, 4, 2)),
        ((2026, 4, 3), None, (2026, 4, 7)),
    ],
)
def test_the_day_of_a_collection(earliest: Any, day: int | None, wanted: Any) -> None:
    assert collection_day(date(*earliest), day) == date(*wanted)


@given(st.dates(date(2024, 1, 1), date(2035, 12, 31)), st.integers(1, 31))
def test_it_is_a_day_of_the_banks_not_before_and_within_five_weeks(earliest: date, day: int) -> None:
    found = collection_day(earliest, day)
    assert is_target_day(found)
    assert earliest <= found <= earliest + timedelta(days=37)


# --- Characters and addresses


def test_names_are_written_in_the_characters_of_banks() -> None:
    assert sepa_text("Société Générale d’Électricité & Cie 🎉", 70) == "Societe Generale d'Electricite Cie"
    assert sepa_text("//Œuvre // ß łódź", 70) == "OEuvre / ss lodz"
    assert sepa_text("🎉🎉", 70) == ""


@given(st.text(max_size=200))
def test_whatever_stands_there_only_those_characters_come_out(text: str) -> None:
    found = sepa_text(text, 70)
    assert len(found) <= 70
    assert set(found) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
    assert not found.startswith("/")
    assert "//" not in found


def test_addresses_are_structured_or_left_out() -> None:
    given = {"address": "12 bis, rue de l’Église", "postcode": "69002", "city": "Lyon", "country": "FR"}
    assert address_of(given) == {
        "street_name": "rue de l'Eglise",
        "building_number": "12 bis",
        "postcode": "69002",
        "town": "Lyon",
        "country": "FR",
    }
    assert address_of({"address": "12 rue X", "city": "", "country": "FR"}) is None
