"""The token in an invitation's link: 32 random bytes, of which only the SHA-256 is kept."""

from datetime import timedelta

from django.conf import settings

TOKEN_BYTES = 32


def lifetime() -> timedelta:
    """How long a link works."""
    return timedelta(days=settings.INVITATION_DAYS)
