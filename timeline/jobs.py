"""Background work of the timeline."""

from digiweb import fulltext_upkeep
from timeline.services import bin as bin_service
from timeline.services import merge as merge_service
from timeline.services.bulk_change import purge_bulk_changes
from timeline.services.notification_mail import deliver_notification, purge_notifications


def purge_bin() -> None:
    """Empty the bin of what is older than thirty days; what merges of that age kept; old notifications."""
    bin_service.purge_bin()
    merge_service.purge_merges()
    purge_notifications()
    purge_bulk_changes()


def renew_words() -> None:
    """Make full-text indexes anew that have grown slow."""
    fulltext_upkeep.renew_words()


def mail_notification(*, notification_id: int) -> None:
    """Send a notification by e-mail; sent already: nothing happens."""
    deliver_notification(notification_id)
