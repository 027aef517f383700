"""Ways into the house that a person holds: sessions and API tokens. All of them end here."""

from typing import Any

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
