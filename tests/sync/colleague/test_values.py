"""Amounts, days and statuses as people and machines write them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.sync.colleague.readings import one, told


@pytest.mark.parametrize(
    ("sent", "amount"),
    [
        (1490, "1490.00"),
        (1490.5, "1490.50"),
        (Decimal("19.990"), "19.99"),
        (19.989999999999998, "19.99"),
        (0.1 + 0.2, "0.30"),
        (2.675, "2.68"),
        (0, "0.00"),
        (-0.0, "0.00"),
        ("1490,5", "1490.50"),
        ("1 234,56 €", "1234.56"),
        ("1\u202f234,56\u00a0€", "1234.56"),
        ("€ 12", "12.00"),
        ("12,50 EUR", "12.50"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567", "1234567.00"),
        ("1'234.50", "1234.50"),
        ("0.1", "0.10"),
    ],
)
def test_amounts_are_read_as_people_and_machines_write_them(sent: Any, amount: str) -> None:
    found, reading = one(montant=sent)
    assert str(found.amount) == amount
    assert not reading.faults


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("1.234", "ambiguous"),
        ("1,234", "ambiguous"),
        ("beaucoup", "amount"),
        ("12 euros", "amount"),
        ("1e5", "amount"),
        ("NaN", "amount"),
        (Decimal("NaN"), "amount"),
        (float("inf"), "amount"),
        ("12,34,56", "amount"),
        ("١٢", "amount"),
        (-5, "range"),
        (10**10, "range"),
        (Decimal("1e999999"), "range"),
        (True, "type"),
        ([12], "type"),
        ({}, "type"),
    ],
)
def test_what_is_no_amount_tells_nothing_and_the_contract_stays(sent: Any, code: str) -> None:
    found, reading = one(montant=sent)
    assert (found.amount, found.says("amount")) == (None, False)
    assert told(reading) == [("Souscription[0].contrats[0].montant", code, "emptied")]
    assert reading.faults[0].reason
    assert reading.complete


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ("2026-03-31", date(2026, 3, 31)),
        ("2026-03-31T08:00:00", date(2026, 3, 31)),
        ("2026-03-31 08:00", date(2026, 3, 31)),
        # Midnight in Paris, as JavaScript sends it.
        ("2026-03-30T22:00:00.000Z", date(2026, 3, 31)),
        ("2026-01-14T23:00:00Z", date(2026, 1, 15)),
        ("2026-03-31T23:30:00-05:00", date(2026, 4, 1)),
        ("31/03/2026", date(2026, 3, 31)),
        ("1/4/2026", date(2026, 4, 1)),
        ("20260331", date(2026, 3, 31)),
        (" 2026-03-31 ", date(2026, 3, 31)),
    ],
)
def test_days_are_read_in_the_forms_that_are_documented(sent: str, day: date) -> None:
    found, reading = one(dateSignature=sent)
    assert found.signed_on == day
    assert not reading.faults


@pytest.mark.parametrize(
    "sent",
    ["03/31/2026", "2026-02-30", "0000-00-00", "31-03-2026", "hier", "20261331", "2026-03-31T25:00:00Z",
     "9999-12-31T23:59:59-10:00", "1805-01-01", "２０２６-03-31", "2026-03-31T10:00:00+99:00"],
)  # fmt: skip
def test_what_is_no_day_is_told(sent: str) -> None:
    found, reading = one(dateSignature=sent)
    assert (found.signed_on, found.says("signed_on")) == (None, False)
    assert told(reading) == [("Souscription[0].contrats[0].dateSignature", "day", "emptied")]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("Validé", "validated"),
        ("VALIDÉ", "validated"),
        ("  valide ", "validated"),
        ("Validée", "validated"),
        ("Signé", "signed"),
        ("En attente", "pending"),
        ("EN_ATTENTE", "pending"),
        ("en-attente", "pending"),
        ("Résilié", "terminated"),
        ("Terminé", "ended"),
        ("Re\u0301silie\u0301", "terminated"),
    ],
)
def test_statuses_are_known_in_any_spelling(sent: str, status: str) -> None:
    found, reading = one(statut=sent)
    assert found.status == status
    assert not reading.faults + reading.notices
