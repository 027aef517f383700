"""Background work of the timeline."""

from django.utils.translation import ngettext_lazy

from digiweb import fulltext_upkeep
from digiweb.job_log import log_count
from digiweb.jobs import Progress
from timeline.services import bin as bin_service
from timeline.services import document_files, document_look, job_run
from timeline.services import merge as merge_service
from timeline.services.bulk_change import purge_bulk_changes
from timeline.services.notification_mail import deliver_notification, purge_notifications

RECORDS = ngettext_lazy("%(count)s record deleted for good.", "%(count)s records deleted for good.", "count")
TOLD = ngettext_lazy("%(count)s old notification removed.", "%(count)s old notifications removed.", "count")
LOOKED_AT = ngettext_lazy("%(count)s document checked.", "%(count)s documents checked.", "count")
FILES = ngettext_lazy("%(count)s file deleted.", "%(count)s files deleted.", "count")
RUNS = ngettext_lazy("%(count)s job forgotten.", "%(count)s jobs forgotten.", "count")
TABLES = ngettext_lazy("%(count)s index made anew.", "%(count)s indexes made anew.", "count")


def purge_bin(*, progress: Progress | None = None) -> None:
    """Empty the bin of what is older than thirty days; what merges of that age kept; old notifications."""
    log_count(progress, bin_service.purge_bin(), RECORDS)
    merge_service.purge_merges()
    log_count(progress, purge_notifications(), TOLD)
    purge_bulk_changes()


def purge_job_runs(*, progress: Progress | None = None) -> None:
    """Forget background jobs whose time is over, with their logs."""
    log_count(progress, job_run.purge_job_runs(), RUNS)


def renew_words(*, progress: Progress | None = None) -> None:
    """Make full-text indexes anew that have grown slow."""
    log_count(progress, len(list(fulltext_upkeep.renew_words())), TABLES)


def mail_notification(*, notification_id: int) -> None:
    """Send a notification by e-mail; sent already: nothing happens."""
    deliver_notification(notification_id)


def look_at_document(*, document_id: int) -> None:
    """Check a document for viruses and draw its small picture; a scanner that is down is asked again."""
    document_look.look_at(document_id)


def check_waiting_documents(*, progress: Progress | None = None) -> None:
    """Take up the documents that wait for the virus scanner."""
    if looked := document_look.look_at_waiting():
        log_count(progress, looked, LOOKED_AT)


def remove_files(*, names: list[str]) -> None:
    """Delete stored files that nothing needs any more."""
    document_files.remove_unneeded(names)


def remove_orphans(*, progress: Progress | None = None) -> None:
    """Delete stored files that have had no document for a day."""
    log_count(progress, document_files.remove_orphans(), FILES)
