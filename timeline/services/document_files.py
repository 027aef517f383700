"""The files behind documents: looked at as they arrive, kept under random names, drawn small, removed."""

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from digiweb.filetypes import PICTURES, TYPES, FileType, ending_of, judge
from digiweb.previews import ABSURD_PIXELS, PreviewError, opened_picture, pdf_preview, picture_preview
from timeline.models import BinFile, Document
from timeline.models.document import preview_of

FOLDER = "documents"
BLOCK = 1024 * 1024
# A file without a row is left alone for so long: its upload may still be under way.
ORPHAN_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Checked:
    """What an upload was found to be."""

    name: str
    type: FileType
    size: int
    sha256: str

    @property
    def scan(self) -> str:
        return Document.Scan.WAITING if settings.CLAMD_SOCKET else Document.Scan.UNSET

    @property
    def preview(self) -> str:
        drawn = self.type.name in (*PICTURES, "pdf")
        return Document.Preview.WAITING if drawn else Document.Preview.NONE


def check_upload(file: Any, name: str) -> Checked:
    """Look at an upload before anything is kept. Raises ValidationError, in a sentence for its field."""
    if not file.size:
        raise ValidationError(_("“%(name)s” is empty.") % {"name": name}, code="empty")
    if file.size > settings.DOCUMENT_MAX_BYTES:
        raise too_large(name)
    found = judge(file, name, settings.DOCUMENT_TYPES or tuple(TYPES))
    if found.name in PICTURES:
        try:
            with opened_picture(file, ABSURD_PIXELS):
                pass
        except PreviewError:
            text = _("“%(name)s” is damaged, or has too many pixels to be shown.")
            raise ValidationError(text % {"name": name}, code="picture") from None
    if not ending_of(name):
        name += found.endings[0]
    return Checked(name, found, file.size, _digest(file))


def size_limit_text() -> str:
    return filesizeformat(settings.DOCUMENT_MAX_BYTES)


def too_large(name: str) -> ValidationError:
    about = {"name": name, "limit": size_limit_text()}
    return ValidationError(_("“%(name)s” is larger than %(limit)s.") % about, code="size")


def _digest(file: Any) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while block := file.read(BLOCK):
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()


def keep(document: Document, file: Any) -> None:
    """Write the file to its place, outside everything that a web server serves by itself."""
    file.seek(0)
    document.file.save("", File(file), save=False)


def draw_preview(document: Document) -> None:
    """Make the small picture; what cannot be drawn has none."""
    document.preview = Document.Preview.NONE
    try:
        if document.is_picture:
            with document.file.open("rb") as file:
                picture = picture_preview(file)
        else:
            picture, document.pages = pdf_preview(document.file.path)
        default_storage.delete(document.preview_name)
        default_storage.save(document.preview_name, ContentFile(picture))
        document.preview = Document.Preview.READY
    except (PreviewError, FileNotFoundError):
        default_storage.delete(document.preview_name)


# --- Away


def remove_stored(names: Iterable[str]) -> None:
    """Delete stored files with their small pictures; what is gone already is passed over."""
    for name in names:
        default_storage.delete(name)
        default_storage.delete(preview_of(name))


def remove_unneeded(names: Iterable[str]) -> int:
    """Delete those of these files that neither a document nor the bin needs; returns how many."""
    wanted = set(names)
    needed = set(Document._base_manager.filter(file__in=wanted).values_list("file", flat=True))
    needed |= set(BinFile.objects.filter(name__in=wanted).values_list("name", flat=True))
    remove_stored(wanted - needed)
    return len(wanted - needed)


def remove_orphans() -> int:
    """Delete files of documents that nothing has needed for a day; returns how many."""
    removed = 0
    for names in _batches(_old_files(), 500):
        removed += remove_unneeded({name.removesuffix(".webp") for name in names})
    return removed


def _old_files() -> Iterator[str]:
    """The stored names of all files under `documents/` that are older than a day."""
    root = Path(settings.MEDIA_ROOT)
    before = time.time() - ORPHAN_SECONDS
    for path in (root / FOLDER).rglob("*"):
        try:
            if path.is_file() and path.stat().st_mtime < before:
                yield path.relative_to(root).as_posix()
        except FileNotFoundError:  # removed meanwhile
            continue


def _batches(names: Iterator[str], size: int) -> Iterator[list[str]]:
    batch: list[str] = []
    for name in names:
        batch.append(name)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
