"""The demo's sales: what the agency offers, and what its clients bought in a year."""

from digiweb.demo import Demo

__all__ = ["build"]


def build(demo: Demo) -> None:
    """Offers, subscriptions and contracts; and their sums, by the services that keep them."""
