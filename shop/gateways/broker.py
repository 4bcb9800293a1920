"""The broker, asked whether it is there."""

from __future__ import annotations

import redis
from django.conf import settings


def answers(timeout_seconds: float = 0.3) -> bool:
    """Tell whether the broker answers a PING in time.  Never raises; waits at most twice the timeout."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=timeout_seconds, socket_connect_timeout=timeout_seconds
    )
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()
