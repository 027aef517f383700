"""The demo's sales: what the agency offers, and what its clients bought in a year."""

from digiweb.demo import Demo
from sales.demo.bank_accounts import build_bank_accounts
from sales.demo.payments import build_payments

__all__ = ["build"]


def build(demo: Demo) -> None:
    """Offers, subscriptions and contracts; and their sums, by the services that keep them."""
    build_bank_accounts(demo)
    build_payments(demo)
