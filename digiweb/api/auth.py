"""Who calls: a bearer token of the profile, or the session of a signed-in person."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.utils.translation import gettext as _
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from people.models import APIToken
from people.services.token import find_token

SCHEME = "bearer"


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer dw_…`; acts as the owner of the token."""

    def authenticate(self, request: Any) -> tuple[Any, APIToken] | None:
        header = authentication.get_authorization_header(request).split()
        if not header or header[0].lower() != SCHEME.encode():
            return None
        if len(header) != 2:
            raise AuthenticationFailed(_("Send the token as “Authorization: Bearer dw_…”."))
        try:
            secret = header[1].decode("ascii")
        except UnicodeDecodeError:
            raise AuthenticationFailed(_("This token is unknown.")) from None
        token = find_token(secret)
        if token is None:
            raise AuthenticationFailed(_("This token is unknown, expired or revoked."))
        role = token.user.role
        if role is not None and role.mfa_required and not is_mfa_enabled(token.user):
            raise PermissionDenied(_("Your role asks for a second factor: set it up in your profile first."))
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="DigiWeb ERP"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of a page; changes need its CSRF token."""
