"""How often in a minute a person may ask for what costs others: a provider's quota, our own threads."""

import logging
import time
from typing import Any

import redis.exceptions
from django.core.cache import cache

logger = logging.getLogger(__name__)

MINUTE = 60


def within_pace(user: Any, name: str, limit: int) -> bool:
    """Count one more; False beyond `limit` in this minute of the clock. Without Redis nothing is counted."""
    key = f"pace:{name}:{user.pk}:{int(time.time() // MINUTE)}"
    try:
        try:
            count = cache.incr(key)
        except ValueError:
            # `add` does nothing when another first one came in between.
            count = 1 if cache.add(key, 1, 2 * MINUTE) else cache.incr(key)
    except redis.exceptions.RedisError:
        logger.warning("The pace of %s is not counted: Redis does not answer", name)
        return True
    return bool(count <= limit)
