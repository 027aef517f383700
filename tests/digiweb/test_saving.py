"""Many objects in a few statements: the same rows as `save()` would have written."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Client, Contact
from digiweb.saving import insert_objects, update_objects
from sales.models import BankAccount, Contract, Subscription
from sync.models import ImportedRecord
from tests.base import make_cast
from tests.digiweb.test_inserts import texts

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def clean(text: str) -> str:
    return text.replace("\0", "")


def contract(client: Client, number: int, **values: Any) -> Contract:
    return Contract(client=client, reference=f"C-{number}", **values)


@pytest.fixture
def client_() -> Client:
    contact = Contact(first_name="Zoé", last_name="Martin", email=" Zoe@Example.TEST ")
    client = Client(contact=contact)
    insert_objects([contact])
    insert_objects([client])
    return client


def test_new_objects_get_numbers_derived_columns_and_moments(client_: Client) -> None:
    kept = Client.objects.select_related("contact").get(pk=client_.pk)
    assert kept.contact is not None
    assert (kept.contact.email, kept.contact.sort_name) == ("zoe@example.test", "martin zoe")
    assert kept.subject == f"contact:{kept.contact.pk}"
    assert "zoe" in kept.search_text
    assert kept.created_at == client_.created_at
    assert not client_._state.adding


def test_every_kind_of_value_comes_out_as_it_went_in(client_: Client) -> None:
    cast = make_cast()
    moment = datetime(2026, 3, 29, 1, 30, 15, 123456, tzinfo=UTC)
    new = [
        contract(
            client_,
            number,
            owner=cast["sales"] if number else None,
            status=Contract.Status.SIGNED,
            amount=Decimal("1234.5"),
            signed_on=date(2026, 2, 28),
            absent_since=moment if number else None,
            withdrawal_day=number or None,
        )
        for number in range(3)
    ]
    insert_objects(new)
    for one in new:
        kept = Contract.objects.get(pk=one.pk)
        assert kept.reference == one.reference
        assert (kept.owner_id, kept.status) == (one.owner_id, "signed")
        assert (kept.amount, kept.signed_on, kept.signed_key) == (
            Decimal("1234.50"),
            *[date(2026, 2, 28)] * 2,
        )
        assert (kept.absent_since, kept.withdrawal_day) == (one.absent_since, one.withdrawal_day)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies=st.lists(st.tuples(texts, texts), min_size=1, max_size=6))
def test_texts_survive_insert_and_update(bodies: list[tuple[str, str]]) -> None:
    objs = [
        ImportedRecord(kind="contract", key=f"k{place}", values={"text": clean(first), "none": None})
        for place, (first, _second) in enumerate(bodies)
    ]
    ImportedRecord.objects.all().delete()
    insert_objects(objs)
    found = ImportedRecord.objects.in_bulk()
    assert [found[one.pk].values["text"] for one in objs] == [clean(first) for first, _second in bodies]
    for one, (_first, second) in zip(objs, bodies, strict=True):
        one.values = {"text": clean(second)}
        one.number = None if second else 7
        one.digest = clean(second)
    update_objects(objs, ["values", "number", "digest"])
    found = ImportedRecord.objects.in_bulk()
    for one in objs:
        kept = found[one.pk]
        assert (kept.values, kept.number, kept.digest) == (one.values, one.number, one.digest)


def test_an_update_writes_what_it_names_and_nothing_else(client_: Client) -> None:
    rows = [contract(client_, number, amount=Decimal(number)) for number in range(3)]
    insert_objects(rows)
    Contract.objects.update(supplier="LOCAM")
    for one in rows[:2]:
        one.signed_on, one.owner, one.amount = date(2026, 1, 2), None, Decimal("9.99")
    rows[0].withdrawal_day = 5
    update_objects(rows[:2], ["signed_on", "signed_key", "amount", "withdrawal_day", "updated_at"])
    kept = {one.pk: one for one in Contract.objects.all()}
    assert [kept[one.pk].supplier for one in rows] == ["LOCAM"] * 3
    assert [kept[one.pk].signed_key.year for one in rows] == [2026, 2026, 1900]
    assert [kept[one.pk].amount for one in rows] == [Decimal("9.99"), Decimal("9.99"), Decimal(2)]
    assert [kept[one.pk].withdrawal_day for one in rows] == [5, None, None]
    assert kept[rows[0].pk].updated_at > kept[rows[2].pk].updated_at


def test_a_row_that_is_gone_is_not_made_again(client_: Client) -> None:
    row = contract(client_, 1)
    insert_objects([row])
    Contract.objects.all().delete()
    update_objects([row], ["reference"])
    assert not Contract.objects.exists()


def test_columns_that_were_not_read_are_left_alone(client_: Client) -> None:
    held = Client.objects.only("id", "mrr").get()
    held.mrr = Decimal("49.50")
    update_objects([held], ["mrr"])
    kept = Client.objects.get()
    assert (kept.mrr, kept.sort_name) == (Decimal("49.50"), client_.sort_name)


def test_encrypted_columns_are_encrypted(client_: Client) -> None:
    account = BankAccount(client=client_, iban="FR7630006000011234567890189")
    insert_objects([account])
    kept = BankAccount.objects.get()
    assert (kept.iban, kept.last_digits) == ("FR7630006000011234567890189", "0189")
    assert (
        BankAccount.objects.extra(select={"raw": "iban"}).values_list("raw", flat=True)[0].startswith("v1:")
    )


def test_more_than_one_statement_holds(client_: Client) -> None:
    rows = [Subscription(client=client_, label=str(number)) for number in range(2100)]
    insert_objects(rows)
    for one in rows:
        one.monthly_amount = Decimal(1)
    update_objects(rows, ["monthly_amount"])
    assert Subscription.objects.filter(monthly_amount=1).count() == 2100
    assert [one.label for one in Subscription.objects.order_by("pk")] == [one.label for one in rows]


def test_nothing_is_no_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        insert_objects([])
        update_objects([], ["reference"])
