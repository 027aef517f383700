"""Background work of sales."""

from datetime import datetime

from sales.services import bank_warning, subscription


def end_due_subscriptions() -> None:
    """End subscriptions whose last day has passed."""
    subscription.end_due_subscriptions()


def warn_former_contact(*, account_id: int, at: str) -> None:
    """Tell a client by e-mail that another account is in use since `at`; sent already: nothing happens."""
    bank_warning.deliver_warning(account_id, datetime.fromisoformat(at))
