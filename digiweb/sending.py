"""Kept files on their way to the browser: by nginx where it may, by us with ranges elsewhere.

The caller has checked who asks. Nothing here is ever shown as a page of ours: `nosniff`, a policy of its own,
and a disposition with the name as RFC 6266 wants it.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

BLOCK = 64 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
# What a file may do when a browser opens it by itself: nothing. PDF goes without the sandbox, in which
# Safari shows none; scripts of a PDF cannot leave its viewer.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
PDF = "application/pdf"
PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"


def send_file(
    request: HttpRequest, file: Any, *, name: str, mime: str, inline: bool = False, etag: str = ""
) -> HttpResponseBase:
    """Answer with a stored file (a FieldFile) under the name that people gave it.

    Raises Http404 when the file is no longer there.
    """
    try:
        size = file.size
    except (OSError, ValueError):
        raise Http404 from None
    if etag and request.headers.get("If-None-Match") == f'"{etag}"':
        response: HttpResponseBase = HttpResponse(status=304)
    elif settings.ACCEL_LOCATION:
        # nginx sees to the ranges, the length and the sending itself.
        response = HttpResponse(content_type=mime)
        response["X-Accel-Redirect"] = settings.ACCEL_LOCATION + quote(str(file.name))
    else:
        response = _from_disk(request, file, size, mime)
    disposition = content_disposition_header(not inline, name)
    if disposition:
        response["Content-Disposition"] = disposition
    if etag:
        response["ETag"] = f'"{etag}"'
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = PDF_POLICY if mime == PDF and inline else SANDBOX
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def send_drawn(content: bytes, *, name: str) -> HttpResponse:
    """Answer with a PDF drawn for this moment, which nobody keeps; shown in the browser."""
    response = HttpResponse(content, content_type=PDF)
    response["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = PDF_POLICY
    return response


def in_our_frame(response: HttpResponseBase) -> HttpResponseBase:
    """The same PDF, which a page of ours may show in a frame."""
    response["Content-Security-Policy"] = PDF_POLICY.replace("ancestors 'none'", "ancestors 'self'")
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _from_disk(request: HttpRequest, file: Any, size: int, mime: str) -> HttpResponseBase:
    wanted = _asked_range(request.headers.get("Range", ""), size)
    if wanted == (0, -1):
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{size}"
        return refused
    try:
        opened: BinaryIO = file.storage.open(file.name, "rb")
    except OSError:
        raise Http404 from None
    response: HttpResponseBase
    if wanted is None:
        response = FileResponse(opened, content_type=mime)
    else:
        first, last = wanted
        response = StreamingHttpResponse(_part(opened, first, last), status=206, content_type=mime)
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
        response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    return response


def _asked_range(header: str, size: int) -> tuple[int, int] | None:
    """(first, last) byte; None for the whole, (0, -1) for a range that the file does not have.

    Of several ranges at once, and of what cannot be read, the whole is sent: RFC 9110 allows it.
    """
    found = _RANGE.fullmatch(header.replace(" ", "")) if len(header) < 60 else None
    if found is None or not any(found.groups()):
        return None
    start, end = found.groups()
    if not start:  # the last so many bytes
        first, last = max(size - int(end), 0), size - 1
        return (first, last) if int(end) and size else (0, -1)
    first, last = int(start), min(int(end), size - 1) if end else size - 1
    if end and int(end) < int(start):
        return None
    return (first, last) if first < size else (0, -1)


def _part(file: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block
