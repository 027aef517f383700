"""Background work of the timeline."""

from digiweb import fulltext_upkeep
from timeline.services import bin as bin_service
from timeline.services import document_files, document_look
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


def look_at_document(*, document_id: int) -> None:
    """Check a document for viruses and draw its small picture; a scanner that is down is asked again."""
    document_look.look_at(document_id)


def check_waiting_documents() -> None:
    """Take up the documents that wait for the virus scanner."""
    document_look.look_at_waiting()


def remove_files(*, names: list[str]) -> None:
    """Delete stored files that nothing needs any more."""
    document_files.remove_unneeded(names)


def remove_orphans() -> None:
    """Delete stored files that have had no document for a day."""
    document_files.remove_orphans()
