"""Where django-allauth meets the house."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.http import HttpRequest

from digiweb.audit import record
from digiweb.crypto import decrypt, encrypt
from people.services.invitation import joined_otherwise

MFA_PLACE = "mfa_authenticator.data"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People arrive by invitation: nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def set_password(self, user: Any, password: str) -> None:
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
