"""How many calls an hour a person's role allows."""

import logging
import time
from typing import Any

import redis.exceptions
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle

from people.models import Role

logger = logging.getLogger(__name__)

HOUR = 3600
# For a superuser without a role.
DEFAULT_LIMIT: int = Role._meta.get_field("api_calls_per_hour").default


class RoleThrottle(BaseThrottle):
    """Counts a person's calls in each hour of the clock, whatever token they bear.

    Without Redis nothing is counted: the API goes on.
    """

    def allow_request(self, request: Any, view: Any) -> bool:
        user = request.user
        if not user.is_authenticated:
            return True
        now = time.time()
        limit = user.role.api_calls_per_hour if user.role is not None else DEFAULT_LIMIT
        try:
            count = count_call(user.pk, int(now // HOUR))
        except redis.exceptions.RedisError:
            logger.warning("API calls are not counted: Redis does not answer")
            return True
        self.reset = HOUR - int(now) % HOUR
        # Read by `finalize_response` of our views (digiweb/api/views.py).
        request.rate = {
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(max(limit - count, 0)),
            "RateLimit-Reset": str(self.reset),
        }
        return bool(count <= limit)

    def wait(self) -> float:
        return float(self.reset)


def count_call(person: int, hour: int) -> int:
    """One more call of this person in this hour; returns how many there are."""
    key = f"api-calls:{person}:{hour}"
    try:
        return cache.incr(key)
    except ValueError:
        # `add` does nothing when another first call came in between.
        return 1 if cache.add(key, 1, HOUR + 60) else cache.incr(key)
