"""The matrix of roles at the door of the API; records are scoped where they are fetched."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission

from people.models import APIToken


class ReadOnlyToken(BasePermission):
    """A token made read only reads."""

    message = _("This token is read only.")

    def has_permission(self, request: Any, view: Any) -> bool:
        token = request.auth
        return not (isinstance(token, APIToken) and token.read_only and request.method not in SAFE_METHODS)


class SignedIn(BasePermission):
    """Whoever is known."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return bool(request.user and request.user.is_authenticated)


class GrantPermission(BasePermission):
    """Only those whose role grants the action; a view without a module lets nobody in.

    A method that the resource does not offer has no action: it is let through to be answered 405.
    """

    def has_permission(self, request: Any, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        action = view.action
        if action is None or request.method.lower() not in view.http_method_names:
            return True  # nothing runs
        if action in getattr(view, "signed_in_actions", ()):
            return True
        right = getattr(view, "rights", {}).get(action)
        module = getattr(view, "module", "")
        return bool(module and right and request.user.can(module, right))
