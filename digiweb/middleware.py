"""Middleware of the frame: what comes in is well formed and has an origin; toasts reach fragments."""

import ipaddress
import json
import logging
import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

import redis
import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.cache import patch_vary_headers
from django.utils.datastructures import MultiValueDict

from digiweb.mail import MailServerDown
from digiweb.request_context import coming_from
from digiweb.toasts import pending_toasts
from digiweb.uploads import upload_limit
from digiweb.views.errors import error_response, too_large, unavailable

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

REQUEST_ID = re.compile(r"[\w.:-]{1,40}")
# How much of a request that is refused for its size is still read (and thrown away): a browser that
# is cut off while it sends shows a broken connection instead of our answer.
DRAIN_BYTES = 256 * 1024 * 1024
BLOCK = 1024 * 1024


class BadInputMiddleware:
    """Refuses what no view can take, with 400 or 413: NUL bytes, broken encodings, huge bodies.

    And tells the audit log where the request comes from.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = _request_id()
        request.request_id = request_id  # type: ignore[attr-defined]
        with coming_from(channel=_channel(request), ip=client_ip(request), request_id=request_id):
            return self._refusal(request) or self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Without Redis pages work; what counts tries (signing in, the API) says that it cannot, and so does
        what sends a message by itself (a forgotten password).
        """
        if isinstance(exception, redis.exceptions.ConnectionError | redis.exceptions.TimeoutError):
            logger.error("Redis does not answer", exc_info=exception)
            return unavailable(request)
        if isinstance(exception, MailServerDown):
            logger.error("The mail server does not answer", exc_info=exception)
            return unavailable(request)
        if isinstance(exception, ObjectDoesNotExist) and request.method == "POST":
            # Somebody deleted it between our look and our lock.
            logger.warning("A form met a row that has just gone", exc_info=exception)
            return error_response(request, 404)
        return None

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        limit = body_limit(request)
        if _content_length(request) > limit:
            if not is_hook(request):
                _drain(request)
            return too_large(request, limit)
        if not _is_clean(request):
            return error_response(request, 400)
        return None


def body_limit(request: HttpRequest) -> int:
    """How many bytes a request may carry.

    Uploads may exceed what one file may have (the form then says so beside its field, see
    `digiweb.uploads`), up to four times.
    """
    if is_hook(request):
        return int(settings.HOOK_MAX_BYTES)
    if request.content_type == "multipart/form-data":
        return upload_limit(request) * 4
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def is_hook(request: HttpRequest) -> bool:
    """Whether a service outside calls: it gets no patience, as no browser shows it our answer."""
    return request.path_info.startswith("/hooks/")


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _drain(request: HttpRequest) -> None:
    left = DRAIN_BYTES
    try:
        while left > 0 and (block := request.read(BLOCK)):
            left -= len(block)
    except UnreadablePostError:
        pass


def _is_clean(request: HttpRequest) -> bool:
    """Whether path, query string and form are UTF-8 without NUL.

    Looking at `request.POST` here costs nothing: the CSRF check reads it before any view anyway.
    JSON bodies are checked by their serialisers.
    """
    try:
        query = unquote_to_bytes(request.META.get("QUERY_STRING", "")).decode("utf-8")
        if "\0" in query or "\0" in request.path_info:
            return False
        return _without_nul(request.GET) and _without_nul(request.POST)
    except (UnicodeError, LookupError, UnreadablePostError, BadRequest):
        # LookupError: a charset in the Content-Type that no text has ("base64").
        return False


def _without_nul(values: MultiValueDict) -> bool:
    return not any("\0" in name or any("\0" in value for value in given) for name, given in values.lists())


def _channel(request: HttpRequest) -> str:
    first = request.path_info.split("/", 2)[1:2]
    return {"api": "api", "admin": "admin", "hooks": "api"}.get(first[0] if first else "", "page")


def client_ip(request: HttpRequest) -> str:
    """The caller's address; behind our proxy (BEHIND_PROXY) the one that the proxy itself saw."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        # The proxy appends what it saw; anything further left is the caller's own claim.
        address = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() or address
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return ""


def _request_id() -> str:
    """The number that django-structlog gave the request (a caller's own only if it is harmless)."""
    given = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    return given if REQUEST_ID.fullmatch(given) else str(uuid.uuid4())


class ToastMiddleware:
    """Messages of an answer to htmx travel in its header, as fragments have no place for them.

    `HX-Trigger: {"dw:toast": [{"level", "text", "undo_url"}]}`, beside what the view triggers.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # One address answers a page or its fragment: without this, « back » shows the fragment alone.
        patch_vary_headers(response, ("HX-Request", "HX-Target"))
        if getattr(request, "htmx", False) and hasattr(request, "_messages") and not _leads_away(response):
            toasts = pending_toasts(request)
            if toasts:
                add_triggers(response, {"dw:toast": toasts})
        return response


def _leads_away(response: HttpResponse) -> bool:
    """Whether the browser goes on to another page, which will show the messages."""
    leading: Iterable[str] = ("HX-Redirect", "HX-Refresh", "HX-Location")
    return 300 <= response.status_code < 400 or any(name in response for name in leading)


def add_triggers(response: HttpResponse, events: dict[str, Any]) -> None:
    """Add events to HX-Trigger, whichever of its two forms it has: names, or JSON."""
    present = response.get("HX-Trigger", "").strip()
    if present.startswith("{"):
        triggers: dict[str, Any] = json.loads(present)
    else:
        triggers = {name.strip(): None for name in present.split(",") if name.strip()}
    for name, detail in events.items():
        if isinstance(detail, list) and isinstance(triggers.get(name), list):
            triggers[name] = [*triggers[name], *detail]
        else:
            triggers[name] = detail
    response["HX-Trigger"] = json.dumps(triggers)
