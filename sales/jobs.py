"""Background work of sales."""

from datetime import datetime

from django.utils.translation import ngettext_lazy

from digiweb.job_log import log_count
from digiweb.jobs import Progress
from sales.services import award, bank_warning, subscription

BADGES = ngettext_lazy("%(count)s badge earned.", "%(count)s badges earned.", "count")


def end_due_subscriptions() -> None:
    """End subscriptions whose last day has passed."""
    subscription.end_due_subscriptions()


def warn_former_contact(*, account_id: int, at: str) -> None:
    """Tell a client by e-mail that another account is in use since `at`; sent already: nothing happens."""
    bank_warning.deliver_warning(account_id, datetime.fromisoformat(at))


def award_badges(*, progress: Progress | None = None) -> None:
    """Give the badges that were earned."""
    log_count(progress, award.award_badges(), BADGES)
