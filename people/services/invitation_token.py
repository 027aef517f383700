"""The token in an invitation's link: 32 random bytes, of which only the SHA-256 is kept."""

import hashlib
from datetime import timedelta

from django.conf import settings

TOKEN_BYTES = 32


def hash_token(token: str) -> str:
    """The form in which a link's token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def lifetime() -> timedelta:
    """How long a link works."""
    return timedelta(days=settings.INVITATION_DAYS)
