"""Rate limits that hold without Redis: one guarded row per key and window.

Source: reliability reference S14.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from django.db import connection

from shop.models import RateLimit

FORGET_AFTER = timedelta(days=1)  # longer than the longest window anybody asks for
BATCH = 1000


class TooOften(Exception):
    """The budget of this key is used up; `retry_at` says when the next window begins."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(f"again from {retry_at.isoformat()}")
        self.retry_at = retry_at


def spend(*, purpose: str, who: str, budget: int, window: timedelta, at: datetime) -> None:
    """Use one unit of the budget of (`purpose`, `who`); `who` is hashed before it is stored.

    Raises TooOften when `budget` units were used in the current window.  One statement, no lock kept.
    """
    seconds = int(window.total_seconds())
    start = datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, tz=UTC)
    key = f"{purpose}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO shop_ratelimit (key, window_start, used) VALUES (%s, %s, 1)
            ON CONFLICT (key, window_start) DO UPDATE SET used = shop_ratelimit.used + 1
            WHERE shop_ratelimit.used < %s RETURNING used
            """,
            [key, start, budget],
        )
        if cursor.fetchone() is None:
            raise TooOften(start + window)


def forget_limits(at: datetime) -> int:
    """Delete budgets of windows long over, at most one batch; return how many."""
    old = RateLimit.objects.filter(window_start__lt=at - FORGET_AFTER).order_by("window_start", "id")
    ids = list(old.values_list("pk", flat=True)[:BATCH])
    return RateLimit.objects.filter(pk__in=ids).delete()[0] if ids else 0
