"""What a worker does with a document that arrived: the virus check, then its small picture."""

import logging
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.clamd import NotScanned, ScannerDown, find_virus
from people.models import User
from timeline.models import Document
from timeline.services.document_files import draw_preview
from timeline.services.notification import notify

logger = logging.getLogger(__name__)

Scan, Preview = Document.Scan, Document.Preview
# How many of those that wait one round looks at.
ROUND = 500


def look_at(pk: int) -> bool:
    """Check a document and draw it; False when the scanner is down, and it goes on waiting.

    Done already: nothing happens. Killed at any line and called again, it comes to the same end.
    """
    document = Document.objects.filter(pk=pk).first()
    if document is None:
        return True
    if document.scan == Scan.WAITING and not _check(document):
        return False
    if document.preview == Preview.WAITING and document.scan != Scan.INFECTED:
        draw_preview(document)
        _save(document, "preview", "pages")
    return True


def _check(document: Document) -> bool:
    """Ask the scanner; whether it answered."""
    if not settings.CLAMD_SOCKET:  # switched off since
        document.scan = Scan.UNSET
        _save(document, "scan")
        return True
    try:
        with document.file.open("rb") as file:
            document.virus = find_virus(file, settings.CLAMD_SOCKET)
        document.scan = Scan.INFECTED if document.virus else Scan.CLEAN
    except ScannerDown as error:
        logger.warning("The virus scanner does not answer: %s", error)
        return False
    except (NotScanned, FileNotFoundError) as error:
        logger.warning("Document %s could not be checked: %s", document.pk, error)
        document.scan = Scan.FAILED
    with transaction.atomic():
        if document.scan == Scan.INFECTED:
            document.preview = Preview.NONE
            _warn(document)
        _save(document, "scan", "virus", "preview")
    if document.scan == Scan.INFECTED:
        default_storage.delete(document.preview_name)
    return True


def _save(document: Document, *names: str) -> None:
    """Neither the version nor the date of the last change: no person changed anything."""
    values = {name: getattr(document, name) for name in names}
    Document._base_manager.filter(pk=document.pk).update(**values)


def _warn(document: Document) -> None:
    """Tell who added it and all administrators, once."""
    data: dict[str, Any] = {"document": document.pk, "virus": document.virus, "added": [document.name]}
    record(user=None, action="document_infected", obj=document, data=data, also=document.also_on)
    people = [person for person in User.objects.active().select_related("role") if person.is_admin]
    if document.added_by_id and document.added_by is not None:
        people.append(document.added_by)
    about = {"document": document.name, "virus": document.virus}
    notify(
        people=people,
        kind="document.infected",
        text=_("“%(document)s” contains a virus (%(virus)s): nobody can download it.") % about,
        obj=document,
        key=f"document-infected-{document.pk}",
        mail=True,
    )


def look_at_waiting() -> int:
    """Take up what waits for the scanner, oldest first, until it fails again; returns how many."""
    waiting = Document.objects.filter(scan=Scan.WAITING).order_by("pk").values_list("pk", flat=True)
    done = 0
    for pk in list(waiting[:ROUND]):
        if not look_at(pk):
            break
        done += 1
    return done
