"""Ways into the house that a person holds: sessions, second factor, API tokens; how they end."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from digiweb.audit import record
from people.models import Invitation, User
from people.services.token import revoke_tokens


@transaction.atomic
def end_access(*, user: Any, person: User) -> None:
    """End every session, token and invitation of a person at once."""
    revoke_tokens(user=user, person=person)
    now = timezone.now()
    Invitation.objects.filter(user=person, accepted_at=None, revoked_at=None).update(revoked_at=now)
    end_sessions(user=user, person=person)


@transaction.atomic
def end_sessions(*, user: Any, person: User) -> None:
    """Sign a person out everywhere."""
    sessions = UserSession.objects.filter(user=person)
    keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    sessions.delete()
    if keys:
        record(user=user, action="session_ended", obj=person, data={"count": len(keys)})


@transaction.atomic
def end_session(*, user: Any, number: int) -> bool:
    """End one of the person's own sessions; False when it is not theirs or gone already."""
    session = UserSession.objects.filter(user=user, pk=number).first()
    if session is None:
        return False
    session.end()
    record(user=user, action="session_ended", obj=user, data={"count": 1})
    return True


def has_second_factor(person: User) -> bool:
    """Whether a code is asked for after the password."""
    return bool(is_mfa_enabled(person))


def session_count(user: User) -> int:
    """On how many devices the person is signed in."""
    return int(UserSession.objects.filter(user=user).count())


def second_factor_of(user: User) -> dict[str, Any]:
    """Whether it is on, compulsory, and how many recovery codes are left."""
    found = {one.type: one for one in Authenticator.objects.filter(user=user)}
    codes = found.get(Authenticator.Type.RECOVERY_CODES)
    return {
        "on": Authenticator.Type.TOTP in found,
        "compulsory": bool(user.role and user.role.mfa_required),
        "codes": len(RecoveryCodes(codes).get_unused_codes()) if codes else 0,
    }
