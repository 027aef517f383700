"""Roles: the ones that ship, and changing what a role grants."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.changes import change_record, create_record
from digiweb.models import StaleVersion
from digiweb.permissions import ACTIONS, MODULES
from people.models import Grant, KnownModule, Role, User
from people.services.team import may_grant

# slug: name (the company's language), home page, administrator.
SHIPPED_ROLES = {
    "admin": ("Admin", Role.Home.COMPANY, True),
    "sales": ("Vente", Role.Home.SALES, False),
    "marketing": ("Marketing", Role.Home.MARKETING, False),
    "am": ("Account management", Role.Home.SUPPORT, False),
}


@transaction.atomic
def ensure_default_roles() -> None:
    """Create the shipped roles and give each new module's default grants, once.

    The administrators' role gets every action of a module; the others what the module's app
    declared. A module seen before is left alone: its grants are the admin's by then.
    """
    roles = {}
    for slug, (name, home, is_admin) in SHIPPED_ROLES.items():
        roles[slug], _created = Role.objects.get_or_create(
            slug=slug, defaults={"name": name, "home": home, "is_admin": is_admin, "shipped": True}
        )
    known = set(KnownModule.objects.values_list("key", flat=True))
    for module in MODULES.values():
        if module.key in known:
            continue
        defaults = {"admin": ("all", module.actions), **module.defaults}
        Grant.objects.bulk_create(
            [
                Grant(role=roles[slug], module=module.key, action=action, scope=scope)
                for slug, (scope, actions) in defaults.items()
                for action in actions
                if action in module.actions
            ],
            ignore_conflicts=True,
        )
        KnownModule.objects.create(key=module.key)


def matrix_of(role: Role) -> dict[str, dict[str, Any]]:
    """The role's row of each module: `{"scope": "own", "actions": {"view", …}}`."""
    matrix: dict[str, dict[str, Any]] = {
        key: {"scope": module.scopes[0], "actions": set()} for key, module in MODULES.items()
    }
    for grant in Grant.objects.filter(role=role, module__in=MODULES):
        matrix[grant.module]["scope"] = grant.scope
        matrix[grant.module]["actions"].add(grant.action)
    return matrix


@transaction.atomic
def set_matrix(*, user: Any, role: Role, matrix: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Replace what `role` grants; returns the changes as {"module.action": [before, after]}.

    Raises ValidationError for a module, action or scope that does not exist, when the role of the
    administrators would lose the right to edit roles (nobody could give it back), and when somebody
    who is no administrator grants more than they have.
    """
    Role.objects.select_for_update().get(pk=role.pk)
    wanted: dict[tuple[str, str], str] = {}
    for key, row in matrix.items():
        module = MODULES.get(key)
        if (
            module is None
            or row["scope"] not in module.scopes
            or not set(row["actions"]) <= set(module.actions)
        ):
            raise ValidationError(
                _("This module, action or scope does not exist: %(key)s"), params={"key": key}
            )
        wanted |= {(key, action): row["scope"] for action in ACTIONS if action in row["actions"]}
    if role.is_admin and not {("people.role", "view"), ("people.role", "change")} <= wanted.keys():
        raise ValidationError(_("Administrators keep the right to edit roles: nobody could give it back."))
    before = {(g.module, g.action): g.scope for g in Grant.objects.filter(role=role, module__in=MODULES)}
    changes = {
        f"{key}.{action}": [before.get((key, action)), wanted.get((key, action))]
        for key, action in sorted(before.keys() | wanted.keys())
        if before.get((key, action)) != wanted.get((key, action))
    }
    if user is not None and not user.is_admin:
        for (key, action), scope in wanted.items():
            if before.get((key, action)) != scope and not may_grant(user, key, action, scope):
                raise ValidationError(_("You cannot grant more than your own role may do."))
    if changes:
        record(user=user, action="grants_changed", obj=role, changes=changes)
        Grant.objects.filter(role=role, module__in=MODULES).delete()
        Grant.objects.bulk_create(
            Grant(role=role, module=key, action=action, scope=scope)
            for (key, action), scope in wanted.items()
        )
    return changes


# --- Roles as records


@transaction.atomic
def create_role(*, user: Any, role: Role, source: Role | None = None) -> Role:
    """Save a new role with the same grants as `source`, or none at all."""
    role.slug = _free_slug(role.name)
    create_record(user=user, obj=role)
    if source is not None:
        role.api_calls_per_hour = source.api_calls_per_hour
        role.mfa_required = source.mfa_required
        role.save(update_fields=["api_calls_per_hour", "mfa_required"])
        set_matrix(user=user, role=role, matrix=matrix_of(source))
    return role


@transaction.atomic
def change_role(
    *,
    user: Any,
    role: Role,
    values: Mapping[str, Any],
    matrix: Mapping[str, Mapping[str, Any]] | None = None,
    version: int | None = None,
) -> dict[str, list[Any]]:
    """Change a role and, with `matrix`, what it grants; its version counts both together.

    Raises StaleVersion, PermissionDenied (only administrators change administrators' roles) and what
    `set_matrix` raises.
    """
    if role.is_admin and user is not None and not user.is_admin:
        raise PermissionDenied
    locked = Role.objects.select_for_update().get(pk=role.pk)
    if version is not None and locked.version != version:
        raise StaleVersion(locked)
    changes = change_record(user=user, obj=role, values=values)
    grants = set_matrix(user=user, role=role, matrix=matrix) if matrix is not None else {}
    if grants and not changes:
        role.version += 1
        role.save(update_fields=["version", "updated_at"])
    return {**changes, **grants}


@transaction.atomic
def delete_role(*, user: Any, role: Role) -> None:
    """Delete a role for good. Raises ValidationError for one that ships, and while somebody has it."""
    locked = Role.objects.select_for_update().get(pk=role.pk)
    if locked.shipped:
        raise ValidationError(_("This role ships with the product: it can be changed, not deleted."))
    if User.objects.filter(role=locked).exists():
        raise ValidationError(_("Somebody has this role: give them another one first."))
    if user is not None and not user.is_admin and locked.is_admin:
        raise PermissionDenied
    record(user=user, action="deleted", obj=locked, changes={"name": [locked.name, None]})
    locked.delete()


def _free_slug(name: str) -> str:
    base = slugify(name)[:50] or "role"
    slug, number = base, 1
    while Role.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug
