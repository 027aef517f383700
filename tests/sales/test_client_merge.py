"""Two clients become one with all of sales that hangs on them, and two again."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crm.models import Client
from crm.services.merge import merge_records, undo_merge
from people.models import User
from sales.models import BankAccount, Contract, ContractClientTotal, PaymentRecord, Subscription
from sales.services.bank_account import add_account, approve_account
from sales.services.contract import change_contract
from sales.services.contract_totals import recount_contracts
from tests.base import make_activity, make_cast
from tests.sales.records import make_client, make_contract, make_subscription
from timeline.models import Event

pytestmark = pytest.mark.django_db
SHARED, MINE, THEIRS = "FR1420041010050500013M02606", "FR7630006000011234567890189", "DE89370400440532013000"


@pytest.fixture
def cast() -> dict[str, User]:
    return make_cast()


def account(client: Client, iban: str, cast: dict[str, User]) -> BankAccount:
    added = add_account(user=cast["sales"], client=client, iban=iban)
    call = {"called": "Mme Martin", "called_number": "01 42 68 53 00", "called_at": timezone.now()}
    return approve_account(user=cast["admin"], account=added, proof="call", **call)  # type: ignore[arg-type]


def pay(client: Client, reference: str, amount: int) -> PaymentRecord:
    on = timezone.localdate() - timedelta(days=3)
    return PaymentRecord.objects.create(client=client, reference=reference, amount=amount, paid_on=on)


def holdings(client: Client) -> dict[str, Any]:
    """Everything of sales that a client has, as it is shown."""
    client.refresh_from_db()
    totals = ContractClientTotal.objects.filter(client_id=client.pk, count__gt=0)
    return {
        "contracts": set(Contract.objects.filter(client=client).values_list("reference", flat=True)),
        "subscriptions": set(Subscription.objects.filter(client=client).values_list("label", flat=True)),
        "payments": set(PaymentRecord.objects.filter(client=client).values_list("reference", "amount")),
        "accounts": set(BankAccount.objects.filter(client=client).values_list("last_digits", "status")),
        "mrr": client.mrr,
        "totals": {(one.owner_id, one.count, one.amount) for one in totals},
        "health": [line for line in client.health_lines if line[0] == "contracts"],
    }


def test_contracts_revenue_payments_and_accounts_go_over_and_come_back(cast: dict[str, User]) -> None:
    admin, hugo = cast["admin"], cast["sales"]
    kept, lost = make_client(hugo), make_client(hugo)
    for client, name, amount, owner in ((kept, "K", 100, hugo), (lost, "L", 300, cast["sales2"])):
        make_contract(hugo, client=client, reference=name, amount=amount, status="validated", owner=owner)
        make_subscription(
            hugo, client=client, label=f"Abonnement {name}", monthly_amount=Decimal(amount) / 10
        )
        make_activity(admin, company=client.company)
        pay(client, f"P-{name}", amount)
        pay(client, "P-COMMUNE", amount)
        pay(client, "P-MEME", 7)
    account(kept, SHARED, cast)
    account(kept, MINE, cast)
    account(lost, SHARED, cast)
    account(lost, THEIRS, cast)
    before = [holdings(kept), holdings(lost)]
    merge = merge_records(user=admin, kept=kept.company, lost=lost.company, take=set())
    assert not Client.objects.filter(pk=lost.pk).exists()
    both = holdings(kept)
    assert both["contracts"] == {"K", "L"}
    assert both["subscriptions"] == {"Abonnement K", "Abonnement L"}
    assert both["payments"] == {
        ("P-K", 100), ("P-L", 300), ("P-COMMUNE", 100), ("P-COMMUNE (2)", 300), ("P-MEME", 7),
    }  # fmt: skip
    # One account is in use: the kept client's.
    assert both["accounts"] == {("2606", "former"), ("0189", "active"), ("3000", "former")}
    assert both["mrr"] == 40
    assert both["totals"] == {(hugo.pk, 1, 100), (cast["sales2"].pk, 1, 300)}
    assert both["health"] == [["contracts", 5, {"count": 2}]]
    assert recount_contracts() == 0
    told = Event.objects.filter(subject_type="sales.bankaccount", changes__has_key="status")
    assert told.filter(action="changed").exists()
    assert undo_merge(user=admin, merge=merge) == []
    assert [holdings(kept), holdings(Client.objects.get(pk=lost.pk))] == before
    assert recount_contracts() == 0


def test_a_contract_that_went_elsewhere_since_stays_there_and_is_named(cast: dict[str, User]) -> None:
    admin = cast["admin"]
    kept, lost, third = (make_client(admin) for _ in range(3))
    contract = make_contract(admin, client=lost, status="validated")
    merge = merge_records(user=admin, kept=kept.company, lost=lost.company, take=set())
    change_contract(user=admin, contract=Contract.objects.get(pk=contract.pk), values={"client": third})
    (told,) = undo_merge(user=admin, merge=merge)
    assert "(1)" in told
    contract.refresh_from_db()
    assert contract.client == third
    assert recount_contracts() == 0


def test_an_account_in_use_stays_so_where_the_kept_client_has_none(cast: dict[str, User]) -> None:
    kept, lost = make_client(cast["sales"]), make_client(cast["sales"])
    account(lost, THEIRS, cast)
    merge_records(user=cast["admin"], kept=kept.company, lost=lost.company, take=set())
    assert holdings(kept)["accounts"] == {("3000", "active")}
