"""Where django-allauth meets the house."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from digiweb.crypto import decrypt, encrypt

MFA_PLACE = "mfa_authenticator.data"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People arrive by invitation: nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return "/"


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are encrypted at rest."""

    def encrypt(self, text: str) -> str:
        return encrypt(text, MFA_PLACE)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text, MFA_PLACE)

    def get_totp_label(self, user: Any) -> str:
        return str(user.email)
