"""What we told the shopper about her day, and when.

Source: commerce reference d.5 (a promise counts from the moment it is told).
"""

from __future__ import annotations

from datetime import datetime

from orders.models import Promise


def note_told(*, promise_id: int, at: datetime) -> bool:
    """Record that the shopper was told a promise at `at`; the first telling stands.

    Returns False when she had been told before or there is no such promise.  One guarded UPDATE.
    """
    return bool(Promise.objects.filter(pk=promise_id, told_at=None).update(told_at=at))
