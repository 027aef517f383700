"""Requests that come to be whatever their headers say; what is wrong with them is refused as one (400)."""

from contextlib import suppress
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

# A charset in the Content-Type that Python knows and no text has ("base64"): Django reads the query by it
# while the request is made, where no middleware catches anything. Read again, it ends in
# BadInputMiddleware.
IMPOSSIBLE = (LookupError, UnicodeError, SuspiciousOperation)


class WebRequest(WSGIRequest):
    """A request over WSGI."""

    def _set_content_type_params(self, meta: Any) -> None:
        with suppress(*IMPOSSIBLE):
            super()._set_content_type_params(meta)  # type: ignore[misc]


class AsyncWebRequest(ASGIRequest):
    """A request over ASGI."""

    def _set_content_type_params(self, meta: Any) -> None:
        with suppress(*IMPOSSIBLE):
            super()._set_content_type_params(meta)  # type: ignore[misc]


class WebHandler(WSGIHandler):
    request_class = WebRequest


class AsyncWebHandler(ASGIHandler):
    request_class = AsyncWebRequest
