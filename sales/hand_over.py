"""How records of sales pass to somebody else when their owner leaves (people/hand_over.py)."""

from collections.abc import Sequence
from typing import Any

from sales.services.contract import change_contracts
from sales.services.invoice import change_invoices
from sales.services.payment import assign_payments
from sales.services.quote import change_quotes


def give_contracts(user: Any, pks: Sequence[int], to: Any) -> None:
    """Contracts, with the sums that go by salesperson."""
    change_contracts(user=user, pks=pks, values={"owner": to})


def give_quotes(user: Any, pks: Sequence[int], to: Any) -> None:
    """Quotes, drafts and those that were sent."""
    change_quotes(user=user, pks=pks, values={"owner": to})


def give_invoices(user: Any, pks: Sequence[int], to: Any) -> None:
    """Invoices, issued ones too: who looks after them is no part of what was issued."""
    change_invoices(user=user, pks=pks, values={"owner": to})


def give_money(user: Any, pks: Sequence[int], to: Any) -> None:
    """Payments: who looks after them is no part of what the bank said."""
    assign_payments(user=user, pks=pks, owner=to)
