"""Many rows in one statement: what goes in is what comes out, whatever the texts."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Contact, DealTotal
from digiweb.inserts import add_to_lines, insert_numbered, insert_rows, numbers_where, stored
from people.models import Department
from tests.base import make_cast, make_contact
from timeline.models import Note

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
NOTE = ("subject_type", "subject_id", "author_id", "body", "created_at", "updated_at")
# Everything that a text column takes, with what SQL and our own quoting might stumble over.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    [
        "'",
        "\\",
        "\\'",
        '"',
        "%s",
        "%",
        "\x1f",
        "\x1a",
        "\n\r\t\b",
        "'; DROP TABLE x; --",
        "😀",
        "é",
        "\\%_",
        "a\x1fb'",
    ]
)


def note(body: str) -> tuple[Any, ...]:
    at = stored(timezone.now())
    return ("crm.contact", 7, None, body.replace("\0", ""), at, at)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies=st.lists(texts, min_size=1, max_size=8))
def test_texts_come_out_as_they_went_in(bodies: list[str]) -> None:
    rows = [note(body) for body in bodies]
    numbers = insert_numbered(Note, NOTE, rows)
    found = Note.objects.in_bulk(numbers)
    assert [found[number].body for number in numbers] == [row[3] for row in rows]
    assert len(set(numbers)) == len(rows)


def test_numbers_nulls_and_moments_come_out_too() -> None:
    moment = datetime(2026, 3, 29, 1, 30, 15, 123456, tzinfo=UTC)
    at = stored(moment)
    insert_rows(Note, NOTE, [("crm.contact", 2**60, None, "x", at, at)])
    found = Note.objects.get()
    assert (found.subject_id, found.author_id, found.created_at) == (2**60, None, moment)


def test_more_rows_than_a_statement_takes_keep_their_order() -> None:
    numbers = insert_numbered(Note, NOTE, [note(str(n)) for n in range(2300)])
    assert len(numbers) == 2300
    bodies = dict(Note.objects.values_list("pk", "body"))
    assert [bodies[number] for number in numbers] == [str(n) for n in range(2300)]


def test_rows_that_are_there_are_passed_over_or_replaced() -> None:
    insert_rows(Department, ("name",), [("Sales",)])
    insert_rows(Department, ("name",), [("Sales",), ("Support",)], ignore=True)
    assert Department.objects.count() == 2
    sales = Department.objects.get(name="Sales")
    insert_rows(Department, ("id", "name"), [(sales.pk, "Sales 2")], replace=["name"])
    sales.refresh_from_db()
    assert sales.name == "Sales 2"
    assert Department.objects.count() == 2


def test_only_columns_of_the_model_enter_a_statement() -> None:
    with pytest.raises(LookupError):
        insert_rows(Department, ("name) VALUES ('x'); --",), [("Sales",)])
    with pytest.raises(LookupError):
        numbers_where(Department, "nowhere", ["x"])


def test_rows_are_found_by_many_texts_at_once() -> None:
    me = make_cast()["sales"]
    contacts = [make_contact(me, email=email, owner=me) for email in ("a@x.fr", "b'@x.fr", "c@x.fr")]
    found = numbers_where(Contact, "email", ["a@x.fr", "b'@x.fr", "none@x.fr"])
    assert set(found) == {contacts[0].pk, contacts[1].pk}
    assert numbers_where(Contact, "email", []) == []


def test_lines_of_a_roll_up_are_made_once_and_then_added_to() -> None:
    me = make_cast()["sales"]
    key, sums = ("owner_id", "stage"), ("count", "amount", "weighted")
    add_to_lines(DealTotal, key, sums, [(me.pk, "won", 2, Decimal("1000.50"), Decimal(10))])
    more = [(me.pk, "lost", 1, Decimal(5), Decimal(0)), (me.pk, "won", -1, Decimal("-0.25"), Decimal(-10))]
    add_to_lines(DealTotal, key, sums, more)
    add_to_lines(DealTotal, key, sums, [])
    rows = DealTotal.objects.order_by("stage").values_list("stage", *sums)
    assert list(rows) == [("lost", 1, 5, 0), ("won", 1, Decimal("1000.25"), 0)]


def test_without_returning_numbers_are_counted_from_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """As MySQL 8 does, which has no RETURNING."""
    if connection.vendor != "mysql":
        pytest.skip("MySQL only")
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)
    numbers = insert_numbered(Note, NOTE, [note(str(n)) for n in range(5)])
    bodies = dict(Note.objects.values_list("pk", "body"))
    assert [bodies[number] for number in numbers] == [str(n) for n in range(5)]
