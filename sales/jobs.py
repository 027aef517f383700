"""Background work of sales."""

from sales.services import subscription


def end_due_subscriptions() -> None:
    """End subscriptions whose last day has passed."""
    subscription.end_due_subscriptions()
