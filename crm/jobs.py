"""Background work of the CRM."""

from crm.services import contact_import, contact_import_undo, duplicate, reminder, score
from digiweb.jobs import Progress


def run_contact_import(*, import_id: int, progress: Progress) -> None:
    """Import what is left of a file of contacts."""
    contact_import.work_off(run_id=import_id, progress=progress)


def undo_contact_import(*, import_id: int, progress: Progress) -> None:
    """Take back what is left of an import."""
    contact_import_undo.work_off(run_id=import_id, progress=progress)


def purge_import_files() -> None:
    """Delete files of imports that are older than thirty days."""
    contact_import.purge_files()


def give_due_reminders() -> None:
    """Tell people of their activities whose reminder is due."""
    reminder.give_due_reminders()


def find_duplicates(*, progress: Progress | None = None) -> None:
    """Look for likely pairs among all contacts and companies."""
    duplicate.find_pairs(progress)


def recompute_scores(*, progress: Progress | None = None) -> None:
    """Work out all scores by the rules as they are now."""
    score.recompute_scores(progress)


def decay_scores(*, progress: Progress | None = None) -> None:
    """Let what has expired count no more."""
    score.decay_scores(progress)
