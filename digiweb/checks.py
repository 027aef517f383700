"""System checks of the house: what would be a hole or a trap stops the start."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db.models import UniqueConstraint
from django.urls import URLPattern, URLResolver, get_resolver

from digiweb.paging import Sort
from digiweb.permissions import ACTIONS, MODULES
from digiweb.views.base import GuardedView

# Routes of libraries, which guard themselves.
GUARDED_ELSEWHERE = ("accounts/", "admin/")


def routes(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the product as (path, pattern)."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, path)
        else:
            yield path, pattern


def view_of(pattern: URLPattern) -> Any:
    """The class behind a route; the function itself where it has none."""
    callback: Any = pattern.callback
    return getattr(callback, "view_class", None) or getattr(callback, "cls", None) or callback


@register(Tags.security)
def every_view_names_its_right(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A view without an action would be open to all: it fails here, not in production."""
    errors: list[CheckMessage] = []
    for path, pattern in routes():
        if path.startswith(GUARDED_ELSEWHERE):
            continue
        view = view_of(pattern)
        if getattr(view, "public", False) or getattr(view, "signed_in", False):
            continue
        if getattr(view, "rights_of_api", False):
            errors += rights_of_viewset(path, pattern, view)
            continue
        module, action = getattr(view, "module", ""), getattr(view, "action", "")
        if isinstance(module, property) or (
            isinstance(view, type) and issubclass(view, GuardedView) and hasattr(view, "list_view")
        ):
            module, action = view.list_view.module, "change"
        if module not in MODULES or action not in ACTIONS:
            errors.append(
                Error(f"The view of “{path}” names no module and action.", obj=view, id="digiweb.E001")
            )
    return errors


def rights_of_viewset(path: str, pattern: URLPattern, view: Any) -> list[CheckMessage]:
    """A viewset of the API has a right for each of its actions, in a module, and somebody who asks it.

    What is one's own, or follows another record's rights (`signed_in_actions`), needs no module.
    """
    from digiweb.api.permissions import GrantPermission

    problems = []
    if GrantPermission not in view.permission_classes:
        problems.append("does not ask the matrix of roles")
    actions: dict[str, str] = getattr(pattern.callback, "actions", {})
    if view.module not in MODULES and set(actions.values()) - set(view.signed_in_actions):
        problems.insert(0, "names no module")
    for action in actions.values():
        if view.rights.get(action) not in ACTIONS and action not in view.signed_in_actions:
            problems.append(f"gives no right to “{action}”")
    return [Error(f"The viewset of “{path}” {text}.", obj=view, id="digiweb.E004") for text in problems]


@register(Tags.models)
def no_constraint_that_mariadb_lacks(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """MySQL and MariaDB have no conditional unique index: Django would create nothing, silently."""
    errors: list[CheckMessage] = []
    for app in ("digiweb", "people", "timeline", "crm", "sales", "sync"):
        for model in apps.get_app_config(app).get_models():
            for constraint in model._meta.constraints:
                if isinstance(constraint, UniqueConstraint) and (
                    constraint.condition or constraint.expressions
                ):
                    errors.append(
                        Error(f"{constraint.name} cannot be kept by MariaDB.", obj=model, id="digiweb.E002")
                    )
    return errors


@register(Tags.models)
def sorts_are_total(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A sort of a list ends with the key and has no NULL, or paging would lose rows."""
    errors: list[CheckMessage] = []
    for _path, pattern in routes():
        view = view_of(pattern)
        for sort in getattr(view, "sorts", ()):
            if isinstance(sort, Sort):
                fields = [view.model._meta.get_field(name) for name in sort.fields]
                if sort.fields[-1] != "id" or any(field.null for field in fields):
                    errors.append(Error(f"The sort “{sort.name}” is not total.", obj=view, id="digiweb.E003"))
    return errors
