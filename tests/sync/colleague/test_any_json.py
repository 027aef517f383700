"""Whatever stands wherever in a prospect: a value or a fault with its path, and never an exception."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.colleague.faults import Effect
from sync.colleague.reading import read_prospect
from tests.sync.colleague.server import IBAN, contract, prospect

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.decimals()
    | st.text(max_size=30)
    | st.sampled_from(("2026-03-31", "12,5", "Signé", IBAN, "a@b.fr", "0612345678", "\ud83d", "x" * 5000)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=8)
            | st.sampled_from(("titre", "nom", "contrats", "offre", "montant", "updatedAt")),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path, *(each for key, part in inner for each in places(part, (*path, key)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


FULL = prospect(
    updatedAt="2026-05-01T10:00:00Z",
    Souscription=[
        {
            "offre": {"nom": "Site", "prix": 10},
            "contrats": [contract("A", dateDebut="2026-01-01", paiements=[{"montant": 3}]), contract("B")],
            "paiements": [{"reference": "P", "montant": 3, "mode": "CB", "statut": "Payé"}],
        }
    ],
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(places(FULL)), ANY_JSON)
def test_any_value_at_any_place_gives_a_value_or_a_fault_and_never_raises(
    path: tuple[Any, ...], new: Any
) -> None:
    reading = read_prospect(put(FULL, path, new), now=NOW)
    assert reading.prospect is not None or reading.faults[-1].effect is Effect.REFUSED
    for each in (*reading.faults, *reading.notices):
        assert each.reason
        assert each.path == "" or each.path.split(".")[0].split("[")[0] in {*FULL, "updatedAt"}
        assert len(each.piece) <= 1000
        json.dumps(each.as_json()).encode()
        each.piece.encode()
    if reading.prospect:
        assert reading.prospect.email or reading.prospect.phone
        repr(reading.prospect)
        for found in reading.prospect.contracts:
            assert found.reference
            assert found.amount is None or 0 <= found.amount < 10**10
            found.description.encode()


@settings(max_examples=200, deadline=None)
@given(ANY_JSON)
def test_any_json_at_all_gives_a_reading(raw: Any) -> None:
    reading = read_prospect(raw)
    assert (reading.prospect is None) == any(each.effect is Effect.REFUSED for each in reading.faults)
