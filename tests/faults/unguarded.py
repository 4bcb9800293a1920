"""The shop's Celery application with the protection of the queue taken out: the negative control of test_sending.

Claims take no lease and skip nothing, and a result is noted without a fence: what a naive outbox does.
"""

from __future__ import annotations

import django

from shop.celery import app

django.setup()  # Celery does so when it has found the application; what is taken out below is needed before

from notifications.operations import claiming  # noqa: E402 -- its models need the line above

__all__ = ["app"]


def claim_without_lease(limit: int, *, channel: str = "email") -> list[claiming.Claim]:
    rows = claiming._fetch(
        "UPDATE notifications_message SET attempts = attempts + 1 WHERE id IN (SELECT id FROM notifications_message"
        " WHERE state = 'queued' AND due_at <= statement_timestamp() ORDER BY due_at, id LIMIT %s)"
        " RETURNING id, attempts",
        [limit],
    )
    return [claiming.Claim(*row) for row in rows]


def begin_without_fence(claim: claiming.Claim, *, after: claiming.Tried | None = None) -> bool:
    if after is not None:
        finish_without_fence(after)
    claiming._fetch(
        "INSERT INTO notifications_attempt (message_id, number, outcome, reply, started_at)"
        " VALUES (%s, %s, 'started', '', clock_timestamp()) RETURNING id",
        [claim.message_id, claim.fence],
    )
    return True


def finish_without_fence(tried: claiming.Tried) -> bool:
    claiming._fetch(
        "UPDATE notifications_message SET state = 'sent', sent_at = clock_timestamp() WHERE id = %s RETURNING id",
        [tried.claim.message_id],
    )
    return True


claiming.claim_messages = claim_without_lease
claiming.begin_attempt = begin_without_fence
claiming.finish_attempt = finish_without_fence
