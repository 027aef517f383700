"""The messages around an invitation: what the jobs of `people/jobs.py` do."""

import secrets

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from digiweb.crypto import hash_secret
from digiweb.jobs import JobError, TryAgain
from digiweb.mail import MailRefused, MailServerDown, send
from digiweb.mail_jobs import send_to
from people.models import Invitation
from people.services.invitation_token import TOKEN_BYTES, lifetime


def deliver_invitation(invitation_id: int) -> None:
    """Send the message unless it was sent, revoked or accepted meanwhile.

    The link's token exists in this message only. When the worker dies between the sending and the
    writing down, the next try sends a second message whose link replaces the first one's.
    """
    invitation = Invitation.objects.select_related("user", "invited_by").filter(pk=invitation_id).first()
    if invitation is None or invitation.sent_at or not invitation.is_pending or not invitation.user.is_active:
        return
    token = secrets.token_urlsafe(TOKEN_BYTES)
    mine = Invitation.objects.filter(pk=invitation_id, sent_at=None, accepted_at=None, revoked_at=None)
    if not mine.update(token_hash=hash_secret(token), expires_at=timezone.now() + lifetime()):
        return
    invitation.refresh_from_db(fields=["expires_at"])
    context = {
        "person": invitation.user,
        "host": invitation.invited_by,
        "expires_at": invitation.expires_at,
        "action_url": settings.SITE_URL + reverse("people:invitation_accept", args=[token]),
    }
    try:
        send(
            "people/invitation", to=invitation.user.email, language=invitation.user.language, context=context
        )
    except MailRefused as error:
        text = _("The address was refused: %(answer)s") % {"answer": error}
        mine.update(error=text[:300])
        raise JobError(text) from error
    except MailServerDown as error:
        text = _("The mail server does not answer; the message is tried again by itself.")
        mine.update(error=text)
        raise TryAgain(text) from error
    mine.update(sent_at=timezone.now(), error="")


def deliver_to_manager(invitation_id: int, what: str) -> None:
    """Tell the person's manager that they were invited, or have joined."""
    rows = Invitation.objects.select_related("user__manager", "user__role", "invited_by")
    invitation = rows.filter(pk=invitation_id).first()
    manager = invitation.user.manager if invitation else None
    if invitation is None or manager is None or not manager.is_active:
        return
    context = {
        "person": invitation.user,
        "host": invitation.invited_by,
        "manager": manager,
        "joined": what == "joined",
        "action_url": settings.SITE_URL + "/",
    }
    send_to(manager, "people/manager", context)
