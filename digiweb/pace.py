"""How often in a minute a person, or an address, may ask for what costs others: quotas, our own threads."""

import logging
import time
from typing import Any

import redis.exceptions
from django.core.cache import cache

logger = logging.getLogger(__name__)

MINUTE = 60


def within_pace(who: Any, name: str, limit: int) -> bool:
    """Count one more of `who`, a user or an address; False beyond `limit` in this minute of the clock.

    Without Redis nothing is counted.
    """
    key = f"pace:{name}:{getattr(who, 'pk', who)}:{int(time.time() // MINUTE)}"
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
