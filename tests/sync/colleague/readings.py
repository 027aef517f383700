"""Reading in tests: a prospect, one contract of it, what was told."""

from datetime import UTC, datetime
from typing import Any

from sync.colleague.reading import read_prospect
from sync.colleague.shape import Contract, Prospect, Reading
from tests.sync.colleague.server import contract, prospect

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def read(raw: Any) -> Prospect:
    reading = read_prospect(raw, now=NOW)
    assert reading.prospect is not None
    return reading.prospect


def with_contract(**changes: Any) -> dict[str, Any]:
    return prospect(Souscription=[{"offre": {"nom": "Site"}, "contrats": [contract(**changes)]}])


def one(**changes: Any) -> tuple[Contract, Reading]:
    reading = read_prospect(with_contract(**changes), now=NOW)
    assert reading.prospect is not None
    return reading.prospect.contracts[0], reading


def told(reading: Reading) -> list[tuple[str, str, str]]:
    return [(each.path, each.code, str(each.effect)) for each in (*reading.faults, *reading.notices)]
