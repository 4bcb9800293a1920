"""What we told the shopper about her day, and when.

Source: commerce reference d.5 (a promise counts from the moment it is told).
"""

from __future__ import annotations

from datetime import datetime

from orders.models import Promise

# note_told as a part of a larger statement: whoever settles a letter writes both at once.  It counts when `done`, a
# part before it, has a row.
NOTE_TOLD_WHEN_DONE = """
    told AS (
        UPDATE orders_promise SET told_at = %(told_at)s
        WHERE id = %(told_promise_id)s AND told_at IS NULL AND EXISTS (SELECT 1 FROM done))
"""


def note_told(*, promise_id: int, at: datetime) -> bool:
    """Record that the shopper was told a promise at `at`; the first telling stands.

    Returns False when she had been told before or there is no such promise.  One guarded UPDATE.
    """
    return bool(Promise.objects.filter(pk=promise_id, told_at=None).update(told_at=at))
