"""Background work around people."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from people.services.invitation_mail import deliver_invitation, deliver_to_manager

BATCH = 2000


def clear_sessions() -> None:
    """Remove sessions that are over, and what the list of one's sessions says of them."""
    while gone := list(
        Session.objects.filter(expire_date__lt=timezone.now()).values_list("pk", flat=True)[:BATCH]
    ):
        Session.objects.filter(pk__in=gone).delete()
    live = Session.objects.values("session_key")
    while orphans := list(
        UserSession.objects.exclude(session_key__in=live).values_list("pk", flat=True)[:BATCH]
    ):
        UserSession.objects.filter(pk__in=orphans).delete()


def send_invitation(*, invitation_id: int) -> None:
    """Send the message with the link; done already: nothing happens."""
    deliver_invitation(invitation_id)


def tell_manager(*, invitation_id: int, what: str) -> None:
    """Tell the manager that their new colleague was invited, or has joined."""
    deliver_to_manager(invitation_id, what)
