"""Files for the tests of documents: small real ones of each type, and hostile ones."""

import io
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.base import make_contact
from timeline.models import Document
from timeline.services.document import add_document, may_add

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
CSV = b"produit;prix\nSite vitrine;1 200\n"
EML = b"From: hugo@digiweb.test\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100\r\nSubject: Devis\r\n\r\nBonjour\r\n"
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
EXE = b"MZ\x90\0" + b"\0" * 60


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", size, (70, 52, 199)).save(drawn, kind, **options)
    return drawn.getvalue()


def archive(**entries: str) -> bytes:
    """A ZIP with these entries; `__` in a name is a slash, `_dot_` a dot."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, text in entries.items():
            file.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return made.getvalue()


def office(folder: str) -> bytes:
    return archive(**{"[Content_Types]_dot_xml": "<Types/>", f"{folder}__document_dot_xml": "<x/>"})


def bomb() -> bytes:
    """A PNG that says it has 100,000 by 100,000 pixels."""
    small = bytearray(picture())
    small[16:24] = (100_000).to_bytes(4, "big") * 2
    import zlib

    small[29:33] = zlib.crc32(bytes(small[12:29])).to_bytes(4, "big")
    return bytes(small)


def uploaded(name: str = "Cahier des charges.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def make_document(
    user: Any, *, on: Any = None, name: str = "", content: bytes = b"", **fields: Any
) -> Document:
    """A document by the service of the page, on a contact of `owner` where no record is given."""
    owner = fields.pop("owner", user)
    obj = on if on is not None else make_contact(owner or user, owner=owner)
    adder = (owner or user) if may_add(owner or user, obj) else None
    return add_document(user=adder, obj=obj, file=uploaded(name or "Cahier des charges.pdf", content or PDF))
