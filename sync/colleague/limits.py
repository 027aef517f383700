"""How long one waits for the colleague's system, and how much one takes: by settings."""

import ipaddress
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Limits:
    """Seconds, and bytes (of one prospect: characters)."""

    connect: float = 5
    read: float = 60
    # For the whole list, and what is done with it meanwhile.
    total: float = 3000
    tries: int = 4
    # Before the second try; twice as long before each further one.
    pause: float = 1
    # The longest wait that is still part of the same run; a longer Retry-After ends it.
    patience: float = 120
    size: int = 1024 * 2**20
    prospect: int = 4096 * 2**10


def limits_set() -> Limits:
    return Limits(
        connect=settings.EXTERNAL_API_CONNECT_SECONDS,
        read=settings.EXTERNAL_API_READ_SECONDS,
        total=settings.EXTERNAL_API_TOTAL_SECONDS,
        tries=settings.EXTERNAL_API_TRIES,
        patience=settings.EXTERNAL_API_PATIENCE_SECONDS,
        size=settings.EXTERNAL_API_MAX_MB * 2**20,
        prospect=settings.EXTERNAL_API_MAX_PROSPECT_KB * 2**10,
    )


def is_local(host: str) -> bool:
    """Whether a host is this machine, by its very name: nobody is asked where it leads."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
