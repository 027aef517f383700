"""Idempotency-Key: a POST that is sent again because its answer was lost is done once.

The answer is kept for a day under (person, path, key). The same key with another body is refused
(422); while the first request still runs, its twin is told to wait (409). What failed is not kept:
nothing was done, so the same key may be tried again with a better body.
"""

import hashlib
import json
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial, wraps
from typing import Any

import redis.exceptions
from django.core.cache import cache
from django.utils.translation import gettext as _
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from digiweb.api.errors import ProblemError

logger = logging.getLogger(__name__)

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_SECONDS = 24 * 3600
# A request that takes longer has lost its worker (gunicorn ends it well before).
RUNNING_SECONDS = 300
KEY = re.compile(r"[\x21-\x7e]{1,200}")
REPLAYED_HEADERS = ("Location", "ETag")

Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Handler:
    """Decorates a handler of POST."""

    @wraps(handler)
    def once(view: Any, request: Any, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER, "")
        if not key:
            return handler(view, request, *args, **kwargs)
        if not KEY.fullmatch(key):
            raise ProblemError(400, _("An Idempotency-Key has 1 to 200 printable ASCII characters."))
        place, digest = _place(request, key), _digest(request)
        try:
            if not cache.add(place, {"digest": digest}, RUNNING_SECONDS):
                return _again(cache.get(place) or {"digest": digest}, digest)
        except redis.exceptions.RedisError:
            text = _("The keys of requests cannot be looked up: try again.")
            raise ProblemError(503, text, {"Retry-After": "5"}) from None
        return _first(place, digest, partial(handler, view, request, *args, **kwargs))

    return once


def _first(place: str, digest: str, run: Callable[[], Response]) -> Response:
    try:
        response = run()
    except BaseException:
        with suppress(redis.exceptions.RedisError):
            cache.delete(place)
        raise
    headers = {name: response[name] for name in REPLAYED_HEADERS if name in response}
    body = json.dumps(response.data, cls=JSONEncoder)
    kept = {"digest": digest, "status": response.status_code, "body": body, "headers": headers}
    try:
        cache.set(place, kept, KEPT_SECONDS)
    except redis.exceptions.RedisError:
        # It is done all the same; the key stays taken for a while, so that nothing is done twice.
        logger.warning("The answer to an Idempotency-Key could not be kept")
    return response


def _again(kept: dict[str, Any], digest: str) -> Response:
    if kept["digest"] != digest:
        raise ProblemError(422, _("This Idempotency-Key was used for another request."))
    if "status" not in kept:
        text = _("The first request with this Idempotency-Key is still running.")
        raise ProblemError(409, text, {"Retry-After": "1"})
    headers = {**kept["headers"], REPLAYED: "true"}
    return Response(json.loads(kept["body"]), status=kept["status"], headers=headers)


def _place(request: Any, key: str) -> str:
    digest = hashlib.sha256(f"{request.user.pk}\n{request.path}\n{key}".encode()).hexdigest()
    return f"api-once:{digest}"


def _digest(request: Any) -> str:
    """What was sent: the bytes of JSON; the fields and files of a form."""
    digest = hashlib.sha256()
    if (request.content_type or "").startswith("multipart/"):
        for name, values in sorted(request._request.POST.lists()):
            digest.update(json.dumps([name, values]).encode())
        for name, files in sorted(request._request.FILES.lists()):
            for file in files:
                digest.update(json.dumps([name, file.name, file.size]).encode())
                for chunk in file.chunks():
                    digest.update(chunk)
                file.seek(0)
    else:
        digest.update(request._request.body)
    return digest.hexdigest()
