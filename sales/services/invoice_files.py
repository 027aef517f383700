"""The PDF of an issued invoice on the disk: there whole and for good before any row speaks of it."""

import logging
import os
import re
from datetime import datetime, timedelta
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _

from sales.models import InvoiceSeal

logger = logging.getLogger(__name__)

FOLDER = "invoices"
# A file without a row that is younger may belong to an issue that is under way.
GRACE = timedelta(days=1)
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def file_name(number: str, sha256: str, at: datetime) -> str:
    """« invoices/2026/11/FA-DF-2026-00042-1f3a….pdf »: the same bytes go to the same place."""
    day = timezone.localtime(at)
    return f"{FOLDER}/{day:%Y}/{day:%m}/{_UNSAFE.sub('_', number)}-{sha256[:16]}.pdf"


def keep_file(name: str, content: bytes) -> None:
    """Write a file whole or not at all: beside its place, onto the platter, then renamed.

    Raises ValidationError, and leaves nothing, when the disk does not take it.
    """
    path = Path(default_storage.path(name))
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        _settle(path.parent)
    except OSError as error:
        logger.exception("The PDF of an invoice cannot be written")
        part.unlink(missing_ok=True)
        text = _(
            "The server cannot keep the PDF at the moment (its disk may be full): nothing was issued. Tell "
            "your administrator."
        )
        raise ValidationError(text, code="disk") from error


def _settle(folder: Path) -> None:
    """The new name is on the platter too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep_files(now: datetime | None = None) -> int:
    """Delete files of invoices that no seal speaks of (an issue that broke off); returns how many."""
    before = ((now or timezone.now()) - GRACE).timestamp()
    root = Path(default_storage.path(FOLDER))
    swept = 0
    for folder in sorted({path.parent for path in root.rglob("*") if path.is_file()}):
        old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before]
        names = {f"{path.relative_to(root.parent).as_posix()}": path for path in old}
        known = set(InvoiceSeal.objects.filter(pdf__in=names).values_list("pdf", flat=True))
        for name, path in names.items():
            if name not in known:
                path.unlink(missing_ok=True)
                swept += 1
    return swept
