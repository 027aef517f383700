"""Uploads that are too large never fill the disk: what exceeds the limit is read and thrown away."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class LimitHandler(FileUploadHandler):
    """First of FILE_UPLOAD_HANDLERS: drops a file beyond IMPORT_MAX_BYTES.

    The file is then missing from `request.FILES` and `request.upload_too_large` is True, so that
    the form can say so beside the field.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.IMPORT_MAX_BYTES:
            self.request.upload_too_large = True  # type: ignore[union-attr]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
