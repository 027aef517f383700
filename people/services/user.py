"""Verbs of members of the staff. Page, API, admin site and import call the same functions."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from digiweb.audit import record, snapshot
from digiweb.changes import change_record
from people.models import User
from people.services.access import end_access
from people.services.invitation import invite
from people.services.team import (
    check_admin_remains,
    check_manager,
    check_may_manage,
    check_sight_of_manager,
    grants_within,
    lock_team,
    may_change_address,
    saved_department,
)

# What the log of a person tells; never the hash of the password.
TOLD = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "job_title",
    "role",
    "department",
    "manager",
    "start_date",
    "is_active",
)


@transaction.atomic
def create_user(*, user: Any, person: User, invited: bool = True) -> User:
    """Save a new member, who gets an invitation; their manager is told.

    Raises ValidationError for a role beyond the rights of `user`.
    """
    lock_team()
    check_role(user, person.role)
    person.department = saved_department(person.department)
    check_manager(person, person.manager)
    if not person.password:
        person.set_unusable_password()
    person.save(force_insert=True)
    values = {name: value for name, value in snapshot(person, TOLD).items() if value not in (None, "")}
    record(
        user=user,
        action="created",
        obj=person,
        changes={name: [None, value] for name, value in values.items()},
    )
    if invited:
        invite(user=user, person=person, tell_manager=True)
    return person


@transaction.atomic
def change_user(
    *, user: Any, person: User, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change a member; {field: [before, after]}.

    A member who is made inactive loses sessions, tokens and invitations at once. Raises StaleVersion,
    ValidationError (a loop of managers, the last administrator, a role beyond the rights of `user`)
    and PermissionDenied (somebody with more rights than `user`, the address of a colleague who has joined).
    """
    values = dict(values)
    lock_team()
    current = User.objects.select_for_update().get(pk=person.pk)
    check_may_manage(user, current)
    if current.removed_at:
        raise ValidationError(
            _("%(person)s was removed: this account does not change any more."), params={"person": current}
        )
    if str(values.get("email", current.email)).lower() != current.email and not may_change_address(
        user, current
    ):
        raise PermissionDenied
    if "role" in values and values["role"] != current.role:
        check_role(user, values["role"])
    if "is_superuser" in values and values["is_superuser"] and user is not None and not user.is_superuser:
        raise PermissionDenied
    if "manager" in values and values["manager"] != current.manager:
        check_manager(current, values["manager"])
        check_sight_of_manager(user, current, values["manager"])
    if values.get("is_active") is False and user is not None and user.pk == current.pk:
        raise ValidationError(_("You cannot deactivate your own account: ask another administrator."))
    if "department" in values:
        values["department"] = saved_department(values["department"])
    changes = _change(user, person, values, version)
    if changes.keys() & {"role", "is_active", "is_superuser"}:
        check_admin_remains()
    if "is_active" in changes and not person.is_active:
        end_access(user=user, person=person)
    return changes


@transaction.atomic
def invite_member(*, user: Any, person: User) -> None:
    """Send a member who has not joined a fresh link; who was inactive is made active for it.

    Raises as `change_user` and `invite`.
    """
    newcomer = not person.is_active
    if newcomer:
        change_user(user=user, person=person, values={"is_active": True})
    invite(user=user, person=person, tell_manager=newcomer)


@transaction.atomic
def change_profile(
    *, user: User, values: Mapping[str, Any], version: int | None = None
) -> dict[str, list[Any]]:
    """Change what is one's own: name, phone, photo, language, theme."""
    beyond = values.keys() - {"first_name", "last_name", "phone", "photo", "language", "theme"}
    if beyond:
        raise PermissionDenied
    return _change(user, user, dict(values), version)


def own_record(user: User) -> User:
    """The person's row read anew, for a form: what is typed does not show in the frame of the page."""
    person: User = User.objects.select_related("role").get(pk=user.pk)
    return person


def check_role(user: Any, role: Any) -> None:
    """Raise ValidationError when the role grants more than `user` has."""
    if not grants_within(user, role):
        raise ValidationError(_("You cannot give a role that may do more than your own."))


def _change(user: Any, person: User, values: dict[str, Any], version: int | None) -> dict[str, list[Any]]:
    before = User.objects.only("photo", "email").get(pk=person.pk)
    if "photo" in values:
        values["photo"] = values["photo"] or ""
    changes = change_record(user=user, obj=person, values=values, version=version)
    if "photo" in changes and before.photo:
        transaction.on_commit(partial(default_storage.delete, before.photo.name))
    if "email" in changes:
        _follow_address(user, person)
    return changes


def _follow_address(user: Any, person: User) -> None:
    """The former address opens nothing any more; an invitation sent there goes to the new one."""
    EmailAddress.objects.filter(user=person).delete()
    if person.is_active and not person.joined_at:
        invite(user=user, person=person)
