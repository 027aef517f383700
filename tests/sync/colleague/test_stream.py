"""A list of JSON in portions of any size gives the same elements as the whole text at once."""

import json
import math
import tracemalloc
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.colleague import troubles
from sync.colleague.stream import elements
from sync.errors import ProviderError

ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def portions(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def plain(value: Any) -> Any:
    """As json.loads would have it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [plain(each) for each in value]
    return {key: plain(each) for key, each in value.items()} if isinstance(value, dict) else value


@settings(max_examples=150, deadline=None)
@given(st.lists(ANY_JSON, max_size=5), st.integers(1, 40), st.booleans(), st.sampled_from((None, 1)))
def test_any_list_in_any_portions_is_read_as_it_is(
    values: list[Any], size: int, ascii: bool, indent: int | None
) -> None:
    data = json.dumps(values, ensure_ascii=ascii, indent=indent).encode("utf-8", "replace")
    found = [plain(each) for each in elements(portions(data, size), limit=10_000)]
    assert found == json.loads(data)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.dictionaries(st.text(max_size=8), ANY_JSON, max_size=3), min_size=1, max_size=4),
    st.integers(1, 9),
    st.data(),
)
def test_a_list_that_is_cut_anywhere_gives_the_elements_that_were_whole(
    values: list[Any], size: int, data: Any
) -> None:
    whole = json.dumps(values).encode()
    at = data.draw(st.integers(1, len(whole) - 1))
    came: list[Any] = []
    with pytest.raises(troubles.Cut):
        came.extend(elements(portions(whole[:at], size), limit=10_000))
    assert plain(came) == json.loads(whole)[: len(came)]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.integers(1, 20))
def test_any_bytes_give_elements_or_one_of_our_troubles(data: bytes, size: int) -> None:
    for text in (data, b"[" + data, b"[" + data + b"]"):
        with suppress(ProviderError):
            list(elements(portions(text, size), limit=10_000))


def test_what_is_no_json_to_the_letter_but_can_be_told_apart_goes_to_the_reader() -> None:
    data = '[{"a": "un\x00 deux\n"}, NaN, 1e400, {"a": 1, "a": 2}, "\\ud83d", ' + "9" * 5000 + "]"
    first, nan, large, twice, half, digits = elements([data.encode()], limit=10_000)
    assert first == {"a": "un\x00 deux\n"}
    assert math.isnan(nan)
    assert large == Decimal("1e400")
    assert (twice, half) == ({"a": 2}, "\ud83d")
    assert digits == Decimal("9" * 5000)


@pytest.mark.parametrize(
    "text", ["[1 2]", "[1,]", "[,1]", "[{a:1}]", "[1]]", '[{"a" 1}]', "[tru]", '["\\x"]', "[[1}"]
)
def test_what_is_broken_is_told_with_its_place(text: str) -> None:
    with pytest.raises(troubles.NotJson):
        list(elements([text.encode()], limit=1000))


def test_one_element_is_in_memory_and_not_the_list() -> None:
    def long_list() -> Any:
        yield b"["
        for number in range(20_000):
            yield b"%s%s" % (b"," if number else b"", json.dumps({"nom": "x" * 1000, "n": number}).encode())
        yield b"]"

    tracemalloc.start()
    count = sum(1 for _each in elements(long_list(), limit=10_000))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 1_000_000


def test_a_large_element_is_read_in_a_few_tries() -> None:
    """Twice the portion each time: a quadratic reader would take minutes here."""
    text = json.dumps([{"nom": "é" * 3_000_000}], ensure_ascii=False).encode()
    assert len(next(elements(portions(text, 1000), limit=4_000_000))["nom"]) == 3_000_000
