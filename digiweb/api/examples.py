"""Examples of actions in the OpenAPI document; those of list, create and the like are made of `Meta`."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample


def sent(value: Any) -> OpenApiExample:
    """What is sent."""
    name: Any = _("Request")
    return OpenApiExample(name, value, request_only=True)


def answered(value: Any, status: str = "200") -> OpenApiExample:
    """What comes back."""
    name: Any = _("Answer")
    return OpenApiExample(name, value, response_only=True, status_codes=[status])
