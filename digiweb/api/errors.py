"""Every refusal of the API is a problem of RFC 9457, in the person's language; never HTML."""

import logging
import math
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from django.forms.utils import ErrorDict
from django.http import Http404, HttpResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions

from digiweb.custom import is_custom, key_of
from digiweb.views.errors import TITLES as PAGE_TITLES
from digiweb.views.errors import problem

logger = logging.getLogger(__name__)

UNPROCESSABLE = 422
# The key of what is wrong with the whole and not with one field.
WHOLE = ("__all__", "non_field_errors")
TITLES = {
    **PAGE_TITLES,
    401: gettext_lazy("Say who you are"),
    405: gettext_lazy("This address does not know this method"),
    406: gettext_lazy("This form of answer is not offered"),
    409: gettext_lazy("Somebody else was quicker"),
    411: gettext_lazy("The length of the content is not said"),
    412: gettext_lazy("The record has changed since you read it"),
    415: gettext_lazy("This kind of content is not taken"),
    422: gettext_lazy("Some values are not right"),
    503: gettext_lazy("Not available for a moment"),
}


class ProblemError(exceptions.APIException):
    """A refusal with members of its own."""

    def __init__(
        self, status: int, detail: str = "", headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.status_code = status
        self.headers = dict(headers or {})
        self.members = members


def problem_response(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """DRF's EXCEPTION_HANDLER; None hands an unforeseen error to Django, which answers 500."""
    match exc:
        case ProblemError():
            return _answer(exc.status_code, str(exc.detail), exc.headers, **exc.members)
        case exceptions.ValidationError():
            return _answer(UNPROCESSABLE, errors=list(_listed(exc.detail)))
        case DjangoValidationError():
            return _answer(UNPROCESSABLE, errors=list(_listed(_of_django(exc))))
        case exceptions.Throttled():
            wait = getattr(exc, "wait", None) or 1
            return _answer(429, headers={"Retry-After": str(math.ceil(wait))})
        case exceptions.APIException():
            return _answer(exc.status_code, str(exc.detail), _challenge(exc))
        case Http404():
            return _answer(404)
        case PermissionDenied():
            return _answer(403, str(exc))
        case RequestDataTooBig():
            return _answer(413)
        case SuspiciousOperation() | BadRequest() | UnreadablePostError():
            return _answer(400, str(exc) if isinstance(exc, BadRequest) else "")
        case ObjectDoesNotExist():
            # Somebody deleted it between our look and our lock.
            logger.warning("An API call met a row that has just gone", exc_info=exc)
            return _answer(404)
        case IntegrityError():
            # Two at once passed the same check; the database kept one.
            logger.warning("An API write met a constraint", exc_info=exc)
            return _answer(409, _("Another request saved the same at the same moment: read and try again."))
        case _:
            return None


def _answer(
    status: int, detail: str = "", headers: Mapping[str, str] | None = None, **members: Any
) -> HttpResponse:
    response = problem(status, str(TITLES.get(status, _("The request cannot be done"))), detail, **members)
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def _challenge(exc: exceptions.APIException) -> dict[str, str]:
    challenge = getattr(exc, "auth_header", "")
    if not challenge:
        return {}
    known = isinstance(exc, exceptions.AuthenticationFailed)
    return {"WWW-Authenticate": f'{challenge}, error="invalid_token"' if known else challenge}


def _of_django(exc: DjangoValidationError) -> Any:
    return exc.message_dict if hasattr(exc, "error_dict") else {"": exc.messages}


def _listed(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested errors as one list of {field, message}."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = "" if name in WHOLE else str(name)
            yield from _listed(inner, ".".join(part for part in (path, own) if part))
    elif isinstance(detail, (list, tuple)):
        for inner in detail:
            yield from _listed(inner, path)
    else:
        yield {"field": path, "message": str(detail)}


def form_errors(errors: ErrorDict) -> dict[str, list[str]]:
    """What a form refuses, by field."""
    return {name: [str(message) for message in messages] for name, messages in errors.items()}


def told_by_key(errors: Mapping[str, Any]) -> dict[str, Any]:
    """Errors with custom fields as the API names them: `custom.hosting`."""
    return {f"custom.{key_of(name)}" if is_custom(name) else name: told for name, told in errors.items()}
