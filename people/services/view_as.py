"""« Voir comme »: an administrator sees what somebody may see, read only, and the log says so (SPEC N12)."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from digiweb.audit import record
from people.models import User


def may_view_as(user: Any, person: User) -> bool:
    """Administrators, through the eyes of those who have fewer rights than they."""
    return bool(user.is_admin and person.is_active and not person.is_admin and person.pk != user.pk)


def start_view_as(*, user: Any, person: User) -> None:
    """Write down that it begins. Raises PermissionDenied, or ValidationError for an inactive person."""
    if not person.is_active:
        raise ValidationError(_("%(person)s is inactive and sees nothing.") % {"person": person})
    if not may_view_as(user, person):
        raise PermissionDenied
    record(user=user, action="view_as_started", obj=person)


def stop_view_as(*, user: Any, person: User | None) -> None:
    """Write down that it ends."""
    record(user=user, action="view_as_ended", obj=person)
