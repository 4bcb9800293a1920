"""Who may send which message: claims with a lease on the database's clock; the attempt number is the fence.

Each operation is one statement and no lock outlives it, so nothing is locked while we speak to a provider.  One
statement notes what became of a message and begins the next: the journal of the next is committed before its text
travels, and the window between a provider's yes and our knowing it stays one message wide.
Source: reliability reference D3, D4, T30 (lanes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from notifications.rules.outcomes import MAX_INTERRUPTIONS, Answer, Verdict
from orders.operations.promising import NOTE_TOLD_WHEN_DONE


def lease() -> timedelta:
    """Return how long a claim holds: with the sweep's ten seconds a dead worker's message is taken over within 60 s."""
    return timedelta(seconds=settings.MESSAGE_LEASE_SECONDS)


@dataclass(frozen=True)
class Claim:
    """The right to send one message until the lease ends or somebody else counts higher."""

    message_id: int
    fence: int


@dataclass(frozen=True)
class Told:
    """A promise that counts as told, and since when."""

    promise_id: int
    at: datetime


@dataclass(frozen=True)
class Tried:
    """A message that was tried, what the provider answered, what becomes of it and of the promise it told."""

    claim: Claim
    answer: Answer
    verdict: Verdict
    told: Told | None = None


# The lanes in their order, and of each the oldest due first.  An earlier unsent message of the same order to the same
# reader goes first, unless it is small news that waits for company or a mail nobody asked for that waits for its turn.
CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT mine.id FROM generate_series(0, 3) AS lanes(lane) CROSS JOIN LATERAL (
            SELECT m.id FROM notifications_message m
            WHERE m.channel = %(channel)s AND m.lane = lanes.lane AND m.state IN ('queued', 'claimed')
                AND m.due_at <= statement_timestamp()
                AND (m.lease_until IS NULL OR m.lease_until < statement_timestamp())
                AND (m.order_number = '' OR NOT EXISTS (
                    SELECT 1 FROM notifications_message first
                    WHERE first.order_number = m.order_number AND first.order_number <> ''
                        AND first.recipient = m.recipient AND first.event_id < m.event_id
                        AND first.state IN ('queued', 'claimed') AND NOT first.small AND first.lane < 3))
            ORDER BY m.due_at, m.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED) mine
        LIMIT %(limit)s)
    UPDATE notifications_message m
    SET state = 'claimed', lease_until = statement_timestamp() + %(lease)s, attempts = attempts + 1
    FROM due WHERE m.id = due.id
    RETURNING m.id, m.attempts, m.lane, m.due_at
"""


def claim_messages(limit: int, *, channel: str = "email") -> list[Claim]:
    """Lease up to `limit` due messages of one channel, in the order in which they are to go."""
    rows = _fetch(CLAIM, {"channel": channel, "limit": limit, "lease": lease()})
    in_order = sorted(rows, key=lambda row: (row[2], row[3], row[0]))
    return [Claim(message_id, fence) for message_id, fence, _lane, _due in in_order]


def note_interruptions(claims: Sequence[Claim]) -> set[int]:
    """Journal what became of the tries of workers that died; return the messages that killed too many of them.

    Such a try may have reached the server, so the message counts as unconfirmed until a later one is accepted.
    """
    repeated = [claim.message_id for claim in claims if claim.fence > 1]
    if not repeated:
        return set()
    _fetch(
        """
        WITH ended AS (
            UPDATE notifications_attempt
            SET outcome = 'unknown', reply = 'The worker was interrupted.', finished_at = clock_timestamp()
            WHERE message_id = ANY(%s) AND outcome = 'started' RETURNING message_id)
        UPDATE notifications_message SET unconfirmed_at = coalesce(unconfirmed_at, clock_timestamp())
        WHERE id IN (SELECT message_id FROM ended) RETURNING id
        """,
        [repeated],
    )
    rows = _fetch(
        """
        SELECT message_id FROM notifications_attempt WHERE message_id = ANY(%s) AND outcome = 'unknown'
        GROUP BY message_id HAVING count(*) >= %s
        """,
        [repeated, MAX_INTERRUPTIONS],
    )
    return {row[0] for row in rows}


# Functions of the database (migration 0014): a connection plans them once, and planning is most of what they cost.
_FINISH = """
    done AS MATERIALIZED (SELECT 1 WHERE kingpost_finish_attempt(
        %(id)s, %(fence)s, %(outcome)s, %(reply)s, %(provider_id)s, %(state)s, %(reason)s, %(wait)s, %(unconfirmed)s))
"""
_BEGIN = "kingpost_begin_attempt(%(next_id)s, %(next_fence)s, %(lease)s)"


def begin_attempt(claim: Claim, *, after: Tried | None = None) -> bool:
    """Journal that we are about to send and renew the lease; False when somebody else has taken over.

    `after` is the message sent before on the same line: what became of it is noted by the same statement.
    """
    parts = f"WITH {_finish(after)} SELECT {_BEGIN}, count(*) FROM done" if after else f"SELECT {_BEGIN}"  # noqa: S608 -- our own parts
    return bool(_fetch(parts, _begin_values(claim) | _finish_values(after))[0][0])


def finish_attempt(tried: Tried) -> bool:
    """Journal the answer and move the message on; False when the fence has risen and the message is another's.

    The journal keeps what really happened either way.
    """
    rows = _fetch(f"WITH {_finish(tried)} SELECT count(*) FROM done", _finish_values(tried))  # noqa: S608 -- our own parts
    return bool(rows[0][0])


def _finish(tried: Tried) -> str:
    return _FINISH if tried.told is None else f"{_FINISH}, {NOTE_TOLD_WHEN_DONE}"


def _begin_values(claim: Claim) -> dict[str, Any]:
    return {"lease": lease(), "next_id": claim.message_id, "next_fence": claim.fence}


def _finish_values(tried: Tried | None) -> dict[str, Any]:
    if tried is None:
        return {}
    answer, verdict, told = tried.answer, tried.verdict, tried.told
    return {
        **({"told_promise_id": told.promise_id, "told_at": told.at} if told else {}),
        "id": tried.claim.message_id,
        "fence": tried.claim.fence,
        "outcome": str(answer.outcome),
        "reply": f"{answer.code} {answer.words}".strip()[:300] if answer.code else answer.words[:300],
        "provider_id": answer.provider_id,
        "state": verdict.state,
        "reason": "" if verdict.state == "sent" and not verdict.unconfirmed else answer.words[:300],
        "wait": timedelta(seconds=verdict.wait_seconds),
        "unconfirmed": verdict.unconfirmed,
    }


def settle_claim(claim: Claim, *, state: str, reason: str) -> bool:
    """End a claim without sending: held back or failed, with the reason.  False when it is another's."""
    rows = _fetch(
        """
        UPDATE notifications_message SET state = %s, reason = %s, lease_until = NULL
        WHERE id = %s AND attempts = %s AND state = 'claimed' RETURNING id
        """,
        [state, reason[:300], claim.message_id, claim.fence],
    )
    return bool(rows)


def release_claims(claims: Sequence[Claim]) -> None:
    """Give unsent messages back, due as before."""
    if not claims:
        return
    _fetch(
        """
        UPDATE notifications_message m SET state = 'queued', lease_until = NULL
        FROM unnest(%s::bigint[], %s::int[]) AS given(id, fence)
        WHERE m.id = given.id AND m.attempts = given.fence AND m.state = 'claimed' RETURNING m.id
        """,
        [[claim.message_id for claim in claims], [claim.fence for claim in claims]],
    )


def put_off(claim: Claim, *, until: Any) -> None:
    """Give one unsent message back, due at a later moment (quiet hours)."""
    _fetch(
        """
        UPDATE notifications_message SET state = 'queued', lease_until = NULL, due_at = greatest(due_at, %s)
        WHERE id = %s AND attempts = %s AND state = 'claimed' RETURNING id
        """,
        [until, claim.message_id, claim.fence],
    )


def wait_for_turn(claim: Claim, *, until: Any, reason: str) -> None:
    """Give one message that nobody asked for back; it goes on in the lane of campaigns, where it holds up no news."""
    _fetch(
        """
        UPDATE notifications_message SET state = 'queued', lease_until = NULL, lane = 3, due_at = %s, reason = %s
        WHERE id = %s AND attempts = %s AND state = 'claimed' RETURNING id
        """,
        [until, reason[:300], claim.message_id, claim.fence],
    )


def count_unasked(claim: Claim, *, at: Any) -> bool:
    """Count a message as one nobody asked for; False when the claim is another's by now."""
    rows = _fetch(
        """
        UPDATE notifications_message SET unasked_at = %s
        WHERE id = %s AND attempts = %s AND state = 'claimed' RETURNING id
        """,
        [at, claim.message_id, claim.fence],
    )
    return bool(rows)


def _fetch(sql: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
