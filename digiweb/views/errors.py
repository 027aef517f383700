"""The product's own error pages; under /api/, problem details (RFC 9457) instead."""

import logging
import sys
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from digiweb.request_context import current_origin
from digiweb.toasts import toast

logger = logging.getLogger(__name__)

# Under these addresses programs call.
PROGRAM_PREFIXES = ("/api/", "/hooks/")
PROBLEM_TYPE = "application/problem+json"
TITLES = {
    400: gettext_lazy("The request cannot be understood"),
    403: gettext_lazy("You are not allowed to do this"),
    404: gettext_lazy("Nothing at this address"),
    413: gettext_lazy("What was sent is too large"),
    429: gettext_lazy("Too many requests in a short time"),
    500: gettext_lazy("The server met an error"),
    503: gettext_lazy("A part of the service is not available"),
}
# MariaDB: too many connections, shutting down, not reached, gone in the middle (mariadb.com/kb: error codes).
DATABASE_AWAY = {1040, 1053, 2002, 2003, 2006, 2013}
# Two writers waited for each other, or one too long for another: the database took this one back whole.
DATABASE_BUSY = {1205, 1213}
# When even the template fails (no database, a broken template), plain HTML without any style.
BARE = (
    "<!doctype html><html><head><meta charset='utf-8'><title>{title}</title></head>"
    "<body><h1>{title}</h1><p><a href='/'>DigiWeb ERP</a></p></body></html>"
)


def is_api(request: HttpRequest) -> bool:
    """Whether the caller is a program that expects problem details."""
    return request.path_info.startswith(PROGRAM_PREFIXES)


def problem(status: int, title: str, detail: str = "", **members: Any) -> JsonResponse:
    """An RFC 9457 body."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    if request_id := current_origin().request_id:
        body["request_id"] = request_id
    return JsonResponse({**body, **members}, status=status, content_type=PROBLEM_TYPE)


def error_response(
    request: HttpRequest, status: int, *, detail: str = "", template: str = ""
) -> HttpResponse:
    """The page or the problem of one status; never raises, whatever is broken."""
    title = str(TITLES[status])
    if is_api(request):
        return problem(status, title, detail)
    request_id = getattr(request, "request_id", "") or current_origin().request_id
    context = {"status": status, "detail": detail, "request_id": request_id}
    try:
        # An error of the server may come from what the context processors ask: the page does without.
        page: str = loader.render_to_string(
            template or f"{status}.html", context, None if status in (500, 503) else request
        )
    except Exception:  # whatever is broken, the person gets a page
        logger.exception("The error page %s cannot be rendered", status)
        page = BARE.format(title=title)
    return HttpResponse(page, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(request, 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """With a text, the refusal has nothing to do with the role: the person reads why."""
    detail = str(exception) if exception and exception.args else ""
    if detail and request.headers.get("HX-Request"):
        # No page: it would show the message, and htmx puts no refusal into the page.
        toast(request, detail, level="error")
        return HttpResponse(detail, status=403, content_type="text/plain; charset=utf-8")
    return error_response(request, 403, detail=detail)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, called while the error is being handled."""
    error = sys.exc_info()[1]
    code = error.args[0] if isinstance(error, OperationalError) and error.args else 0
    if code in DATABASE_AWAY:
        return unavailable(request)
    if code in DATABASE_BUSY:
        return unavailable(request, retry_after=1)
    return error_response(request, 500)


def too_many(request: HttpRequest, exception: Exception | None = None, retry_after: int = 60) -> HttpResponse:
    """`retry_after`: seconds that the caller should wait. allauth finds this as `handler429`."""
    response = error_response(request, 429)
    response["Retry-After"] = str(retry_after)
    return response


def unavailable(request: HttpRequest, retry_after: int = 30) -> HttpResponse:
    """The database or Redis does not answer, or not in time: what counts tries lets nobody in uncounted."""
    response = error_response(request, 503)
    response["Retry-After"] = str(retry_after)
    return response


def too_large(request: HttpRequest, limit: int) -> HttpResponse:
    """`limit`: bytes that one request may carry."""
    megabytes = limit // (1024 * 1024)
    detail = _("What was sent is larger than %(megabytes)s MB.") % {"megabytes": megabytes}
    return error_response(request, 413, detail=detail)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: the form is of another session, or cookies are blocked."""
    response = error_response(
        request, 403, detail=reason if is_api(request) else "", template="403_csrf.html"
    )
    response["X-Form-Expired"] = "1"  # network.js renews the page's forms: it is no lack of rights
    return response
