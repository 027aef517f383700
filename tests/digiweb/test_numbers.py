"""Whole numbers from outside: whatever a text says, it is one of ours or none."""

from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from digiweb.numbers import whole_number
from people.models import User
from tests.base import client_of, make_activity, make_cast, make_contact, make_deal

ODD = ["²", "٣", "1e3", "-1", " 1", "9" * 19, "9" * 5000, "1.0", "None"]


@given(st.text() | st.integers() | st.none())
def test_a_number_is_one_that_a_column_takes(text: Any) -> None:
    number = whole_number(text)
    assert number is None or (0 <= number < 10**18 and int(str(text)) == number)


@given(st.integers(0, 10**18 - 1))
def test_every_such_number_is_read(number: int) -> None:
    assert whole_number(str(number)) == whole_number(number) == number


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return make_cast()


@pytest.mark.parametrize("odd", ODD)
def test_no_page_falls_over_what_looks_like_a_number(odd: str, cast: dict[str, User]) -> None:
    hugo = cast["sales"]
    contact, deal, activity = make_contact(hugo, owner=hugo), make_deal(hugo), make_activity(hugo)
    client = client_of(hugo)
    for name, query in (
        ("crm:contact_twins", "besides"),
        ("crm:contact_merge", "one"),
        ("crm:deal_new", "contact"),
        ("crm:deal_new", "company"),
        ("crm:activity_new", "deal"),
        ("crm:contact_list", "company"),
        ("crm:contact_list", "imported"),
    ):
        assert client.get(reverse(name), {query: odd}).status_code in (200, 404, 422), name
    merge = {"one": contact.pk, "two": odd, f"version_{contact.pk}": odd}
    assert client.post(reverse("crm:contact_merge"), merge).status_code == 404
    day = {"day": "2026-11-30", "version": odd}
    for name, record, data in (
        ("crm:activity_move", activity, day),
        ("crm:activity_done", activity, {"notes": "", "version": odd}),
        ("crm:deal_stage", deal, {"to": "proposal", "version": odd}),
    ):
        address = reverse(name, args=[record.pk])
        assert client.post(address, data).status_code in (200, 302, 422), name
    moved = {"pk": odd, "to": "proposal", "version": odd}
    assert client.post(reverse("crm:deal_move"), moved).status_code == 404
