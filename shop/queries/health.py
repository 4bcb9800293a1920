"""How the machine room is doing, in one query."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection

LATE_SECONDS = 120


def readiness(*, at: datetime) -> dict[str, Any]:
    """Return database state, age in seconds of the oldest due delivery and inbound, and of the newest heartbeat.

    `late` is true when something waited longer than LATE_SECONDS.  Never raises: a database that is away is an answer.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT
                    (SELECT min(due_at) FROM shop_eventdelivery WHERE state = 'due'),
                    (SELECT min(due_at) FROM shop_inbound WHERE state = 'received'),
                    (SELECT min(due_at) FROM notifications_message WHERE state = 'queued'),
                    (SELECT max(beat_at) FROM shop_heartbeat)
                """
            )
            event, inbound, message, beat = cursor.fetchone()
    except DatabaseError:
        return {"database": "away", "late": True}
    ages = {
        "oldest_due_event_seconds": _age(event, at),
        "oldest_due_inbound_seconds": _age(inbound, at),
        "oldest_due_message_seconds": _age(message, at),
    }
    late = any(age > LATE_SECONDS for age in ages.values())
    return {"database": "ok", "late": late, "last_sweep_seconds": _age(beat, at) if beat else None, **ages}


def _age(moment: datetime | None, at: datetime) -> int:
    return max(0, int((at - moment).total_seconds())) if moment else 0
