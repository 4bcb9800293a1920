"""How many messages a provider may be given now: its rate, and whether it is being left alone.

The counters are rows, so that every worker keeps to them; a provider without trouble and without a limit costs one
SELECT a batch.  Source: reliability reference T23, T30.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

from notifications.models import Provider
from notifications.rules.breaker import rest_seconds
from notifications.rules.limits import Rate


@dataclass(frozen=True)
class Allowance:
    """How many messages may go out now; `probing` when the provider was in trouble and this one tells whether it is."""

    messages: int
    probing: bool = False


NOTHING = Allowance(0)
PROBE_SECONDS = 60  # nobody else probes meanwhile; a worker that dies with the probe delays the next by that much


def allowance(*, provider: str, wanted: int, rate: Rate | None) -> Allowance:
    """Return how many of `wanted` messages the provider may be given now, counted against its rate at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT failures, rests_until > clock_timestamp() FROM notifications_provider WHERE name = %s", [provider]
        )
        row = cursor.fetchone()
    failures, resting = row or (0, None)
    if resting:
        return NOTHING
    if resting is not None:  # its rest is over: one worker sends one message
        return Allowance(_take(provider, 1, rate), probing=True) if _begin_probe(provider) else NOTHING
    return Allowance(_take(provider, wanted, rate), probing=failures > 0)


def give_back(*, provider: str, messages: int, rate: Rate | None) -> None:
    """Return what was allowed and not used."""
    if rate is not None and messages > 0:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE notifications_provider SET tokens = least(%s, tokens + %s) WHERE name = %s",
                [rate.burst, messages, provider],
            )


@transaction.atomic
def note_trouble(*, provider: str, problem: str, away: bool) -> None:
    """Count a failure and leave the provider alone when it is time to.  `problem` names no person."""
    Provider.objects.bulk_create([Provider(name=provider)], ignore_conflicts=True)
    row = Provider.objects.select_for_update().get(name=provider)
    rest = rest_seconds(failures=row.failures + 1, away=away, jitter=random.random())  # noqa: S311 -- spreads retries
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_provider SET failures = failures + 1, problem = %s, failed_at = clock_timestamp(),
                rests_until = CASE WHEN %s > interval '0' THEN clock_timestamp() + %s END
            WHERE id = %s
            """,
            [problem[:120], timedelta(seconds=rest), timedelta(seconds=rest), row.pk],  # type: ignore[list-item]  # psycopg knows intervals
        )


def note_health(*, provider: str) -> None:
    """Forget the trouble: the provider took a message."""
    Provider.objects.filter(name=provider).update(failures=0, rests_until=None, problem="")


def end_probe(*, provider: str) -> None:
    """Let the next worker probe: there was nothing to send."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_provider SET rests_until = clock_timestamp() WHERE name = %s AND rests_until > now()",
            [provider],
        )


def _begin_probe(provider: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_provider SET rests_until = clock_timestamp() + %s
            WHERE name = %s AND rests_until <= clock_timestamp() RETURNING id
            """,
            [timedelta(seconds=PROBE_SECONDS), provider],  # type: ignore[list-item]  # psycopg knows intervals
        )
        return cursor.fetchone() is not None


def _take(provider: str, wanted: int, rate: Rate | None) -> int:
    """Take up to `wanted` tokens from the provider's bucket, which fills by the second on the database's clock."""
    if rate is None:
        return wanted
    Provider.objects.bulk_create([Provider(name=provider, tokens=rate.burst)], ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_provider p
            SET tokens = b.filled - b.taken, refilled_at = clock_timestamp()
            FROM (
                SELECT id, filled, least(%(wanted)s, floor(filled)) AS taken FROM (
                    SELECT id, least(%(burst)s, tokens + %(each_second)s
                        * greatest(0, extract(epoch FROM clock_timestamp() - refilled_at))) AS filled
                    FROM notifications_provider WHERE name = %(name)s FOR UPDATE) f) b
            WHERE p.id = b.id RETURNING b.taken
            """,
            {"wanted": wanted, "burst": rate.burst, "each_second": rate.each_second, "name": provider},
        )
        return int(cursor.fetchone()[0])
