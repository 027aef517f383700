"""Background work of sales."""

from datetime import datetime

from sales.services import bank_warning, subscription
from sales.services.quote_sending import deliver_message, expire_quotes, send_waiting


def end_due_subscriptions() -> None:
    """End subscriptions whose last day has passed."""
    subscription.end_due_subscriptions()


def warn_former_contact(*, account_id: int, at: str) -> None:
    """Tell a client by e-mail that another account is in use since `at`; sent already: nothing happens."""
    bank_warning.deliver_warning(account_id, datetime.fromisoformat(at))


def send_quote_message(*, message_id: int) -> None:
    """One message of a quote, to one address."""
    deliver_message(message_id)


def send_waiting_quote_messages() -> None:
    """Every ten minutes: what the mail server did not take."""
    send_waiting()


def expire_due_quotes() -> None:
    """By night: quotes whose last day has passed."""
    expire_quotes()
