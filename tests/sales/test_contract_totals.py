"""Sums of contracts and of their lines: they add up, whatever happens to them."""

import threading
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from people.models import User
from sales.models import Contract, ContractClientTotal, ContractTotal
from sales.services.contract import (
    change_contract,
    change_contracts,
    create_contract,
    delete_contracts,
    import_contracts,
)
from sales.services.contract_lines import line_amount, months_between, totals_of
from sales.services.contract_totals import figures_of, lines_of, recount_contracts
from tests.base import make_cast
from tests.sales.records import make_client, make_contract, make_offer
from timeline.services.bin import restore_from_bin


def assert_right() -> None:
    """The sums are what one gets by adding up all contracts."""
    wanted = {key: tuple(value) for key, value in lines_of(map(figures_of, Contract.objects.all())).items()}
    held: dict[Any, tuple[int, Decimal]] = {}
    for total in ContractTotal.objects.all():
        key = (ContractTotal._meta.label, total.owner_id, total.month, total.offer_id, total.status)
        held[key] = (total.count, total.amount)
    for client in ContractClientTotal.objects.all():
        key = (ContractClientTotal._meta.label, client.owner_id, client.client_id)
        held[key] = (client.count, client.amount)
    assert {key: value for key, value in held.items() if any(value)} == wanted
    assert recount_contracts() == 0


@pytest.mark.django_db
@pytest.mark.sqlite
def test_sums_follow_every_verb_and_the_bin() -> None:
    cast = make_cast()
    client, offer = make_client(cast["sales"]), make_offer()
    contract = make_contract(cast["sales"], client=client, status="signed", signed_on=date(2026, 3, 31))
    assert_right()
    values = {"offer": offer, "amount": Decimal(50), "signed_on": date(2026, 4, 1)}
    change_contract(user=cast["sales"], contract=contract, values=values)
    assert_right()
    other = make_contract(cast["sales2"], client=make_client(None), owner=cast["sales2"])
    change_contracts(user=cast["admin"], pks=[contract.pk, other.pk], values={"owner": cast["manager"]})
    assert_right()
    import_contracts(
        user=None,
        new=[Contract(reference="S-1", client=client, status="validated", amount=7)],
        changed=[(other.pk, {"status": "signed", "client": client})],
    )
    assert_right()
    batch = delete_contracts(user=cast["admin"], pks=[contract.pk, other.pk])
    assert_right()
    restore_from_bin(user=cast["admin"], batch=batch)
    assert_right()
    ContractTotal.objects.update(count=99)
    assert recount_contracts() > 0
    assert_right()


VERBS = st.lists(
    st.tuples(
        st.sampled_from(["make", "change", "give", "delete"]),
        st.integers(0, 5),
        st.sampled_from(["pending", "signed", "validated", "terminated", "ended", "unknown"]),
        st.integers(0, 100_000),
        st.integers(0, 400),
    ),
    max_size=12,
)


@pytest.mark.django_db
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(verbs=VERBS)
def test_sums_equal_the_rows_after_any_verbs(db: Any, verbs: list[Any]) -> None:
    Contract.objects.all().delete()
    ContractTotal.objects.all().delete()
    ContractClientTotal.objects.all().delete()
    people = list(User.objects.filter(email__endswith="@digiweb.test")) or list(make_cast().values())
    clients = [make_client(people[0]), make_client(people[1])]
    for verb, which, status, cents, days in verbs:
        known = list(Contract.objects.order_by("pk"))
        amount, on = Decimal(cents) / 100, date(2026, 1, 1) + timedelta(days)
        if verb == "make" or not known:
            fresh = Contract(
                reference="", client=clients[which % 2], owner=people[which % 3], status=status, amount=amount
            )
            create_contract(user=None, contract=fresh)
            continue
        contract = known[which % len(known)]
        if verb == "change":
            values = {"status": status, "amount": amount, "signed_on": on}
            change_contract(user=None, contract=contract, values=values)
        elif verb == "give":
            change_contracts(user=None, pks=[contract.pk], values={"owner": people[which % len(people)]})
        else:
            delete_contracts(user=None, pks=[contract.pk])
    assert_right()


@pytest.mark.django_db(transaction=True)
def test_several_who_write_contracts_at_once_leave_the_sums_right() -> None:
    cast = make_cast()
    client = make_client(cast["sales"])
    barrier = threading.Barrier(4)
    troubles: list[Exception] = []

    def write(place: int) -> None:
        try:
            barrier.wait()
            for number in range(5):
                contract = make_contract(
                    cast["sales"], client=client, reference=f"P{place}-{number}", status="signed"
                )
                change_contract(user=None, contract=contract, values={"status": "validated"})
        except Exception as error:
            troubles.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    assert Contract.objects.count() == 20
    assert_right()


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_for_the_next_reference_at_once_get_two() -> None:
    cast = make_cast()
    client = make_client(cast["sales"])
    barrier = threading.Barrier(3)
    troubles: list[Exception] = []

    def ask() -> None:
        try:
            barrier.wait()
            create_contract(user=None, contract=Contract(client=client))
        except Exception as error:
            troubles.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    assert len(set(Contract.objects.values_list("reference", flat=True))) == 3


LINE = st.fixed_dictionaries(
    {
        "label": st.just("x"),
        "quantity": st.decimals(0, 1000, places=2),
        "unit_amount": st.decimals(0, 100_000, places=2),
        "vat_rate": st.sampled_from([Decimal(0), Decimal("2.1"), Decimal("5.5"), Decimal(10), Decimal(20)]),
        "period": st.sampled_from(["once", "month", "year"]),
    }
)


@given(lines=st.lists(LINE, max_size=8), months=st.integers(0, 60))
def test_what_lines_come_to_adds_up(lines: list[dict[str, Any]], months: int) -> None:
    start = date(2026, 1, 1)
    end = date(2026 + months // 12, months % 12 + 1, 1)
    totals = totals_of(lines, starts_on=start, ends_on=end)
    assert totals.months == max(months, 1)
    assert totals.net == sum((base for _rate, base, _tax in totals.vat), Decimal(0))
    assert totals.gross == totals.net + sum((tax for _rate, _base, tax in totals.vat), Decimal(0))
    assert totals.once + totals.month + totals.year == sum(map(line_amount, lines), Decimal(0))
    if all(line["period"] != "year" for line in lines):
        assert totals.net == totals.once + totals.month * totals.months
    for rate, base, tax in totals.vat:
        assert abs(tax - base * rate / 100) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), 12),
        (date(2026, 1, 1), date(2027, 1, 1), 12),
        (date(2026, 1, 15), date(2027, 1, 14), 12),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2026, 1, 1), date(2026, 1, 1), 1),
        (date(2026, 1, 1), None, 12),
        (None, date(2026, 1, 1), 12),
        (date(2026, 1, 1), date(2028, 12, 31), 36),
    ],
)
def test_a_contract_lasts_so_many_months(start: Any, end: Any, months: int) -> None:
    assert months_between(start, end) == months
