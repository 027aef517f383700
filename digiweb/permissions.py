"""What can be allowed: the modules, their actions and the scopes of sight (SPEC T2, DESIGN §2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ACTIONS = ("view", "create", "change", "delete", "export")
ACTION_LABELS = {
    "view": _("View"),
    "create": _("Create"),
    "change": _("Change"),
    "delete": _("Delete"),
    "export": _("Export"),
}
SCOPES = ("own", "team", "all")
SCOPE_LABELS = {
    "own": pgettext_lazy("scope", "Own"),
    "team": pgettext_lazy("scope", "Team"),
    "all": pgettext_lazy("scope", "All"),
}
# Django's words for the same actions, as its admin and `{{ perms }}` ask for them.
DJANGO_ACTIONS = {"view": "view", "add": "create", "change": "change", "delete": "delete"}


@dataclass(frozen=True)
class Module:
    """One row of the matrix of roles."""

    key: str
    label: Any
    group: Any
    actions: tuple[str, ...] = ACTIONS
    scopes: tuple[str, ...] = SCOPES
    # Grants of the roles that ship: role slug → (scope, actions).
    defaults: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)


MODULES: dict[str, Module] = {}


def register_module(
    key: str,
    label: Any,
    *,
    group: Any,
    actions: tuple[str, ...] = ACTIONS,
    scopes: tuple[str, ...] = SCOPES,
    defaults: Mapping[str, tuple[str, tuple[str, ...]]] | None = None,
) -> None:
    """Add a row to the matrix; called once, from the app's `apps.py`."""
    MODULES[key] = Module(key, label, group, actions, scopes, defaults or {})


def require(user: Any, module: str, action: str, obj: Any = None) -> None:
    """Raise PermissionDenied unless `user` may do `action` on `module` (and on `obj`, when given)."""
    if not user.can(module, action, obj):
        raise PermissionDenied
