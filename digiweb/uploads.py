"""Uploads that are too large never fill the disk: what exceeds the limit is read and thrown away."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

# Addresses whose uploads have a limit of their own: beginning of the path, setting. All others: imports.
LIMITS = (
    ("/documents/", "DOCUMENT_MAX_BYTES"),
    ("/api/v1/documents/", "DOCUMENT_MAX_BYTES"),
    ("/sales/received/", "DOCUMENT_MAX_BYTES"),
    ("/api/v1/received-invoices/", "DOCUMENT_MAX_BYTES"),
)


def upload_limit(request: HttpRequest) -> int:
    """How many bytes one file may have that is sent to this address."""
    names = (name for start, name in LIMITS if request.path_info.startswith(start))
    return int(getattr(settings, next(names, "IMPORT_MAX_BYTES")))


class LimitHandler(FileUploadHandler):
    """First of FILE_UPLOAD_HANDLERS: drops a file beyond what its address takes.

    The file is then missing from `request.FILES` and `request.upload_too_large` is True, so that
    the form can say so beside the field; `request.uploads_too_large` names all of them.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        request: Any = self.request
        if self.received > upload_limit(request):
            request.upload_too_large = True
            request.uploads_too_large = [*getattr(request, "uploads_too_large", ()), str(self.file_name)]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
