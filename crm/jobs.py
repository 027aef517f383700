"""Background work of the CRM."""

from django.utils.translation import ngettext_lazy

from crm.models import CustomField
from crm.services import (
    client_signs,
    contact_import,
    contact_import_undo,
    custom_value,
    duplicate,
    reminder,
    renewal,
    score,
)
from digiweb.job_log import log_count
from digiweb.jobs import Progress

FILES = ngettext_lazy("%(count)s import file deleted.", "%(count)s import files deleted.", "count")
PAIRS = ngettext_lazy("%(count)s likely pair to look at.", "%(count)s likely pairs to look at.", "count")
ROWS = ngettext_lazy("%(count)s row put right.", "%(count)s rows put right.", "count")
RECORDS = ngettext_lazy("%(count)s record lost its value.", "%(count)s records lost their value.", "count")


def run_contact_import(*, import_id: int, progress: Progress) -> None:
    """Import what is left of a file of contacts."""
    contact_import.work_off(run_id=import_id, progress=progress)


def undo_contact_import(*, import_id: int, progress: Progress) -> None:
    """Take back what is left of an import."""
    contact_import_undo.work_off(run_id=import_id, progress=progress)


def purge_import_files(*, progress: Progress | None = None) -> None:
    """Delete files of imports that are older than thirty days."""
    log_count(progress, contact_import.purge_files(), FILES)


def give_due_reminders() -> None:
    """Tell people of their activities whose reminder is due."""
    reminder.give_due_reminders()


def find_duplicates(*, progress: Progress | None = None) -> None:
    """Look for likely pairs among all contacts and companies."""
    log_count(progress, duplicate.find_pairs(progress), PAIRS)


def recompute_scores(*, progress: Progress | None = None) -> None:
    """Work out all scores by the rules as they are now."""
    score.recompute_scores(progress)


def decay_scores(*, progress: Progress | None = None) -> None:
    """Let what has expired count no more."""
    score.decay_scores(progress)


def refresh_clients(*, progress: Progress | None = None) -> None:
    """Let the health of clients follow the days."""
    client_signs.refresh_clients(progress)


def tell_renewals() -> None:
    """Tell salespeople of renewals ahead."""
    renewal.tell_renewals()


def forget_custom_field(*, field_id: int, progress: Progress) -> None:
    """Take the values of a deleted custom field off the records, then its row away."""
    field = CustomField.objects.filter(pk=field_id, state=CustomField.State.DELETED).first()
    if field is not None:
        log_count(progress, custom_value.forget_values(field, progress), RECORDS)
        field.delete()


def check_custom_values(*, progress: Progress | None = None) -> None:
    """Put right what differs between records and the tables by which their custom fields are found."""
    log_count(progress, sum(custom_value.rebuild_values(model) for model in custom_value.TABLES), ROWS)
