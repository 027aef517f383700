"""Records of sales for the tests, made by the services of the pages."""

from decimal import Decimal
from typing import Any

from crm.models import Client
from people.models import User
from sales.models import Contract, Offer, Subscription
from sales.services.contract import create_contract
from sales.services.offer import create_offer
from sales.services.subscription import create_subscription
from tests.base import make_client as make_client_as

_numbers = iter(range(1, 1_000_000))


def make_client(user: User | None, **fields: Any) -> Client:
    """A client with a company of its own; `user` owns both unless said otherwise."""
    return make_client_as(user, **{"owner": user, **fields})


def make_offer(user: User | None = None, **fields: Any) -> Offer:
    fields = {"name": f"Site vitrine {next(_numbers)}", "price": Decimal(2900), **fields}
    return create_offer(user=user, offer=Offer(**fields))


def make_contract(user: User | None, **fields: Any) -> Contract:
    """A signed-to-be contract of `user`, of a client of theirs."""
    fields = {"owner": user, "amount": Decimal(1200), **fields}
    lines = fields.pop("lines", None)
    if "client" not in fields:
        fields["client"] = make_client(fields["owner"])
    fields.setdefault("reference", f"DFA-2026-{next(_numbers):04d}")
    maker = None if fields["owner"] != user else user
    return create_contract(user=maker, contract=Contract(**fields), lines=lines)


def make_subscription(user: User | None, **fields: Any) -> Subscription:
    """A subscription of a client of `user`."""
    fields = {"label": "Maintenance", "monthly_amount": Decimal(49), **fields}
    owner = fields.pop("owner", user)
    if "client" not in fields:
        fields["client"] = make_client(owner)
    maker = None if owner != user else user
    return create_subscription(user=maker, subscription=Subscription(**fields))
