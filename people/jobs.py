"""Background work around people."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.translation import ngettext_lazy

from digiweb.job_log import log_count
from digiweb.jobs import Progress
from people.models import User
from people.services.access_mail import deliver_news_of_reset
from people.services.hand_over import hand_over_all
from people.services.invitation_mail import deliver_invitation, deliver_to_manager
from people.services.removal_mail import deliver_news_of_removal

BATCH = 2000
SESSIONS = ngettext_lazy("%(count)s expired session removed.", "%(count)s expired sessions removed.", "count")


def clear_sessions(*, progress: Progress | None = None) -> None:
    """Remove sessions that are over, and what the list of one's sessions says of them."""
    ended = 0
    while gone := list(
        Session.objects.filter(expire_date__lt=timezone.now()).values_list("pk", flat=True)[:BATCH]
    ):
        Session.objects.filter(pk__in=gone).delete()
        ended += len(gone)
    live = Session.objects.values("session_key")
    while orphans := list(
        UserSession.objects.exclude(session_key__in=live).values_list("pk", flat=True)[:BATCH]
    ):
        UserSession.objects.filter(pk__in=orphans).delete()
    log_count(progress, ended, SESSIONS)


def send_invitation(*, invitation_id: int) -> None:
    """Send the message with the link; done already: nothing happens."""
    deliver_invitation(invitation_id)


def tell_manager(*, invitation_id: int, what: str) -> None:
    """Tell the manager that their new colleague was invited, or has joined."""
    deliver_to_manager(invitation_id, what)


def hand_over(
    *, person_id: int, by_id: int, successors: dict[str, int], for_good: bool, progress: Progress
) -> None:
    """Give what a leaving member has to their successors; then archive who leaves for good."""
    people = User.objects.in_bulk([person_id, by_id])
    hand_over_all(
        user=people[by_id],
        person=people[person_id],
        successors=successors,
        for_good=for_good,
        progress=progress,
    )


def tell_of_removal(*, recipient_id: int, person_id: int, given: dict[str, int]) -> None:
    """Tell somebody that a member left and what they take over."""
    deliver_news_of_removal(recipient_id=recipient_id, person_id=person_id, given=given)


def tell_of_reset(*, person_id: int, by_id: int) -> None:
    """Tell a member that their second factor was taken off."""
    deliver_news_of_reset(person_id=person_id, by_id=by_id)
