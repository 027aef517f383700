"""Invitations: the only way into the house. One link a message, one use, one week."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.audit import record
from digiweb.crypto import hash_secret
from digiweb.jobs import enqueue
from people import jobs
from people.models import Invitation, User
from people.services.invitation_token import TOKEN_BYTES, lifetime


class InvitationOver(Exception):
    """The link was used, revoked, replaced or is too old."""


@transaction.atomic
def invite(*, user: Any, person: User, tell_manager: bool = False) -> Invitation:
    """Have a message with a fresh link sent to `person`; links sent before stop working.

    Raises ValidationError when the person has joined, or is inactive.
    """
    locked = User.objects.select_for_update().get(pk=person.pk)
    if locked.joined_at:
        raise ValidationError(_("%(person)s has joined already.") % {"person": person})
    if not locked.is_active:
        raise ValidationError(_("%(person)s is inactive: activate the account first.") % {"person": person})
    now = timezone.now()
    Invitation.objects.filter(user=locked, accepted_at=None, revoked_at=None).update(revoked_at=now)
    invitation = Invitation.objects.create(
        user=locked,
        invited_by=user,
        # Nobody knows this one: the job that writes the message makes the link's own token.
        token_hash=hash_secret(secrets.token_urlsafe(TOKEN_BYTES)),
        expires_at=now + lifetime(),
    )
    record(user=user, action="invited", obj=locked, data={"email": locked.email})
    enqueue(
        jobs.send_invitation,
        user=user,
        label=_("Invitation of %(person)s") % {"person": person},
        key=f"invitation-{invitation.pk}",
        invitation_id=invitation.pk,
    )
    if tell_manager and locked.manager_id and locked.manager_id != getattr(user, "pk", None):
        tell(invitation, "invited", user)
    return invitation


def tell(invitation: Invitation, what: str, user: Any) -> None:
    """Have the manager told by e-mail; `what` is invited or joined."""
    enqueue(
        jobs.tell_manager,
        user=user,
        label=_("Message to the manager of %(person)s") % {"person": invitation.user},
        key=f"manager-{what}-{invitation.pk}",
        invitation_id=invitation.pk,
        what=what,
    )


@transaction.atomic
def revoke_invitation(*, user: Any, invitation: Invitation) -> None:
    """The link stops working; a second time changes nothing. Raises ValidationError once accepted."""
    person = User.objects.select_for_update().get(pk=invitation.user_id)
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if locked.accepted_at:
        raise ValidationError(_("%(person)s has joined already.") % {"person": person})
    if locked.revoked_at is None:
        locked.revoked_at = timezone.now()
        locked.version += 1
        locked.save(update_fields=["revoked_at", "version", "updated_at"])
        record(user=user, action="invitation_revoked", obj=person, data={"email": person.email})


def find_invitation(token: str) -> Invitation | None:
    """The invitation of a link, whatever became of it; None when no link of ours bears this token."""
    found = Invitation.objects.select_related("user", "invited_by").filter(token_hash=hash_secret(token))
    return found.first()


@transaction.atomic
def accept_invitation(*, invitation: Invitation, password: str) -> User:
    """Set the person's first password: they have joined. Raises InvitationOver when the link is dead."""
    # The person first, as everywhere: who sends a new link meanwhile waits there.
    person: User = User.objects.select_for_update().get(pk=invitation.user_id)
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if not locked.is_pending or not person.is_active:
        raise InvitationOver
    locked.accepted_at = timezone.now()
    locked.version += 1
    locked.save(update_fields=["accepted_at", "version", "updated_at"])
    person.set_password(password)
    person.mark_joined()
    person.version += 1
    person.save(update_fields=["password", "joined_at", "version", "updated_at"])
    record(user=person, action="joined", obj=person)
    if person.manager_id:
        tell(locked, "joined", person)
    return person


def may_join(person: User) -> bool:
    """Whether a first password may be set: not once the invitation was revoked or has run out."""
    return any(one.is_pending for one in Invitation.objects.filter(user=person, accepted_at=None))


@transaction.atomic
def joined_otherwise(*, person: User) -> None:
    """An invited person set a password by the link of « forgotten password »: that proves the address too."""
    person.mark_joined()
    User.objects.filter(pk=person.pk).update(joined_at=person.joined_at)
    pending = Invitation.objects.filter(user=person, accepted_at=None, revoked_at=None)
    pending.update(accepted_at=person.joined_at)
    record(user=person, action="joined", obj=person)
