"""What contracts say of a client's health, line by line, and that it follows them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from crm.models import Client
from crm.services.client import change_client
from crm.services.client_health import lines_of
from crm.services.client_signs import touch_clients
from people.models import User
from sales.models import Contract
from sales.services.contract import (
    change_contract,
    delete_contracts,
    import_contracts,
    terminate_contract,
    validate_contract,
)
from tests.base import client_of, make_cast
from tests.sales.records import make_client, make_contract
from timeline.services.bin import restore_from_bin

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def points(client: Client) -> dict[str, int]:
    client.refresh_from_db()
    found = {name: points for name, points, _facts in client.health_lines}
    assert client.health == max(0, min(100, sum(found.values())))
    return {name: found[name] for name in ("contracts", "absent") if name in found}


def words(client: Client) -> list[str]:
    with override("en"):
        return [str(line["label"]) for line in lines_of(client) if line["rule"] in ("contracts", "absent")]


def test_a_contracts_way_is_told_step_by_step(cast: dict[str, User]) -> None:
    sales, today = cast["sales"], timezone.localdate()
    client = make_client(sales)
    assert points(client) == {}
    contract = make_contract(sales, client=client)
    assert points(client) == {}  # the first one is on its way
    validate_contract(user=sales, contract=contract)
    assert points(client) == {"contracts": 5}
    assert words(client) == ["1 contract in force"]
    change_contract(user=sales, contract=contract, values={"ends_on": today + timedelta(days=50)})
    assert points(client) == {"contracts": -10}
    assert "none follows" in words(client)[0]
    change_contract(user=sales, contract=contract, values={"ends_on": today + timedelta(days=20)})
    assert points(client) == {"contracts": -15}
    follower = make_contract(sales, client=client)  # one that follows is being signed
    assert points(client) == {"contracts": 5}
    terminate_contract(user=sales, contract=contract, reason="Liquidation")
    assert points(client) == {"contracts": -5}
    assert words(client) == ["No contract in force; 1 waits for its signature"]
    delete_contracts(user=sales, pks=[follower.pk])
    assert points(client) == {"contracts": -15}


def test_time_alone_ends_a_contract(cast: dict[str, User]) -> None:
    today = timezone.localdate()
    client = make_client(cast["sales"])
    make_contract(cast["sales"], client=client, status="validated", ends_on=today + timedelta(days=90))
    assert points(client) == {"contracts": 5}
    touch_clients([client.pk], today + timedelta(days=31))
    assert points(client) == {"contracts": -10}
    touch_clients([client.pk], today + timedelta(days=91))
    assert points(client) == {"contracts": -15}
    assert "the last one ended on" in words(client)[0]


def test_a_contract_that_moves_concerns_both_clients_and_the_bin_counts(cast: dict[str, User]) -> None:
    sales = cast["sales"]
    first, second = make_client(sales), make_client(sales)
    contract = make_contract(sales, client=first, status="validated")
    other = make_contract(sales, client=first, status="terminated", termination_reason="Fini")
    change_contract(user=sales, contract=contract, values={"client": second})
    assert points(first) == {"contracts": -15}
    assert points(second) == {"contracts": 5}
    import_contracts(user=None, changed=[(contract.pk, {"client": first})])
    touch_clients([first.pk])  # as the caller does
    assert points(first) == {"contracts": 5}
    assert points(second) == {}
    batch = delete_contracts(user=sales, pks=[contract.pk, other.pk])
    assert points(first) == {}
    restore_from_bin(user=sales, batch=batch)
    assert points(first) == {"contracts": 5}


def test_what_the_source_lost_costs_health_while_in_force(cast: dict[str, User]) -> None:
    client = make_client(cast["sales"])
    contract = make_contract(cast["sales"], client=client, status="validated")
    Contract.objects.filter(pk=contract.pk).update(absent_since=timezone.now())
    touch_clients([client.pk])
    assert points(client) == {"contracts": 5, "absent": -10}
    assert "absent from the source since" in words(client)[1]
    page: Any = client_of(cast["sales"]).get(client.get_absolute_url())
    assert any(line["rule"] == "absent" for line in page.context["health"]["lines"])


def test_a_client_who_left_is_not_blamed_for_having_no_contract(cast: dict[str, User]) -> None:
    client = make_client(cast["sales"])
    make_contract(cast["sales"], client=client, status="terminated", termination_reason="Fini")
    assert points(client) == {"contracts": -15}
    change_client(user=cast["sales"], client=client, values={"status": "churned"})
    assert points(client) == {}
