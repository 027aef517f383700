"""Where django-allauth meets the house."""

import logging
import smtplib
import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from digiweb.audit import record
from digiweb.crypto import decrypt, encrypt
from digiweb.mail import MailServerDown
from digiweb.request_context import current_origin
from people.services.invitation import joined_otherwise, may_join

logger = logging.getLogger(__name__)

MFA_PLACE = "mfa_authenticator.data"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People arrive by invitation: nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """For rate limits and the list of sessions: the address that the audit log writes down too.

        allauth's own refuses everybody behind nginx and a unix socket, where there is no REMOTE_ADDR.
        Who comes through the socket without a proxy's word is on this machine.
        """
        return current_origin().ip or "127.0.0.1"

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def is_reauthentication_required(self, *, app: str = "") -> bool:
        """Who signed in a moment ago is not asked for the password again (UX: nothing asked twice)."""
        if not super().is_reauthentication_required(app=app):
            return False
        signed_in = get_authentication_records(self.request, self.request.user)
        recent = signed_in and time.time() - signed_in[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
        return not recent

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Raises MailServerDown, for which the page asks to come back."""
        try:
            super().send_mail(template_prefix, email, context)
        except (smtplib.SMTPException, OSError) as error:
            raise MailServerDown(str(error)) from error

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """« Your password has been changed »: what it tells is done, whether it can be told or not."""
        try:
            super().send_notification_mail(*args, **kwargs)
        except MailServerDown:
            logger.exception("A message about an account cannot be sent")

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """A revoked invitation is not got round by « forgotten password »; the answer is the same to all."""
        if user.joined_at or may_join(user):
            super().send_password_reset_mail(user, email, context)

    def set_password(self, user: Any, password: str) -> None:
        if not user.joined_at and not may_join(user):
            raise PermissionDenied  # revoked since the link was sent
        super().set_password(user, password)
        if not user.joined_at:
            joined_otherwise(person=user)


class UserSessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    """Ending one's other sessions is written down."""

    def end_sessions(self, sessions: Any) -> None:
        sessions = list(sessions)
        super().end_sessions(sessions)
        if sessions:
            person = sessions[0].user
            record(user=person, action="session_ended", obj=person, data={"count": len(sessions)})


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are encrypted at rest."""

    def encrypt(self, text: str) -> str:
        return encrypt(text, MFA_PLACE)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text, MFA_PLACE)

    def get_totp_label(self, user: Any) -> str:
        return str(user.email)
