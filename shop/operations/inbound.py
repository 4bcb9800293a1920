"""Inbound: keep the raw bytes first, understand them afterwards.

Source: reliability reference D9, B8.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from shop import doorbell, subscriptions
from shop.models import Inbound, User
from shop.operations.events import NotParked, record_event
from shop.operations.leases import lease_due

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 6
ASK_AGAIN = timedelta(hours=1)
BATCH = 100


class NotForUs(Exception):
    """Raised by a reader: understood, and there is nothing to do (the words say why)."""


class NotReadable(Exception):
    """Raised by a reader: nobody can make anything of these bytes, so they are parked at once and shown to staff."""


class NotYet(Exception):
    """Raised by a reader: understood, but what it is about is not there so far; it is asked again in an hour."""


def receive_inbound(
    *, source: str, source_key: str, raw: bytes, content_type: str = "", headers: dict[str, str] | None = None
) -> tuple[int, bool]:
    """Keep one delivery; return its id and whether it is new.  The same (source, source_key) is kept once.

    One statement for a new one, two for one we have.
    Acknowledge to the sender only after the surrounding transaction, if any, has committed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO shop_inbound (source, source_key, raw, content_type, headers, state, attempts, error)"
            " VALUES (%s, %s, %s, %s, %s, %s, 0, '') ON CONFLICT (source, source_key) DO NOTHING RETURNING id",
            [source, source_key[:200], raw, content_type[:100], json.dumps(headers or {}), Inbound.State.RECEIVED],
        )
        inserted = cursor.fetchone()
    if inserted is None:
        return Inbound.objects.values_list("pk", flat=True).get(source=source, source_key=source_key[:200]), False
    doorbell.ring("shop.process_inbound")
    return inserted[0], True


def process_inbound(at: datetime) -> int:
    """Let the readers understand what came in, at most one batch; return how many rows were settled or put off."""
    lease = timedelta(seconds=settings.INBOUND_LEASE_SECONDS)
    attempts = dict(lease_due(Inbound, state=Inbound.State.RECEIVED, lease=lease, most=BATCH))
    rows = Inbound.objects.in_bulk(list(attempts))
    settled: set[int] = set()
    for source, mine in _by_source(rows.values()):
        known = _skim(source, mine, attempts, at)
        settled |= known | _gather(source, [row for row in mine if row.pk not in known], attempts, at)
    for row_id, attempt in attempts.items():
        if row_id not in settled:
            _read(rows[row_id], attempt=attempt, at=at)
    return len(attempts)


def _by_source(rows: Iterable[Inbound]) -> list[tuple[str, list[Inbound]]]:
    of_source: dict[str, list[Inbound]] = defaultdict(list)
    for row in rows:
        of_source[row.source].append(row)
    return sorted(of_source.items())


def _skim(source: str, rows: Sequence[Inbound], attempts: Mapping[int, int], at: datetime) -> set[int]:
    """Settle the rows that say nothing new, if somebody can tell of many at once; return them."""
    skim = subscriptions.skimmer(source)
    known = skim(rows) if skim else set()
    _settle_many(known, attempts, at)
    return known


def _gather(source: str, rows: Sequence[Inbound], attempts: Mapping[int, int], at: datetime) -> set[int]:
    """Let many rows be understood in one transaction, where somebody can; return them.

    Whatever goes wrong, nothing of it stands and each row is read alone: one that is poison spoils no other.
    """
    gather = subscriptions.gatherer(source)
    if gather is None or len(rows) < 2:
        return set()
    try:
        with transaction.atomic():
            done = gather(rows)
            if _settle_many(done, attempts, at) != len(done):
                raise _LostLease
    except Exception as problem:
        log.warning("%s rows from %s are read one by one: %s", len(rows), source, type(problem).__name__)
        return set()
    return done


class _LostLease(Exception):
    """The lease ran out and another worker took over: what we did is rolled back."""


def _settle_many(ids: Iterable[int], attempts: Mapping[int, int], at: datetime) -> int:
    """Settle rows unless another worker took them over meanwhile; return how many.  One query an attempt."""
    of_attempt: dict[int, list[int]] = defaultdict(list)
    for row_id in ids:
        of_attempt[attempts[row_id]].append(row_id)
    settled = 0
    for attempt, mine in of_attempt.items():
        ours = Inbound.objects.filter(pk__in=mine, attempts=attempt, state=Inbound.State.RECEIVED)
        settled += ours.update(state=Inbound.State.PROCESSED, settled_at=at, lease_until=None, error="")
    return settled


def _read(row: Inbound, *, attempt: int, at: datetime) -> None:
    try:
        with transaction.atomic():
            subscriptions.reader(row.source)(row)
            _settle(row, attempt, Inbound.State.PROCESSED, at)
    except NotForUs as reason:
        _settle(row, attempt, Inbound.State.IGNORED, at, error=str(reason))
    except NotReadable as reason:
        _park(row, attempt, reason)
    except NotYet as reason:
        _put_off(row, attempt, reason, at)
    except Exception as problem:  # a poison row is parked, the others go on
        log.warning("inbound %s from %s failed: %s", row.pk, row.source, type(problem).__name__)
        _note_failure(row, attempt, problem, at)


def _settle(row: Inbound, attempt: int, state: str, at: datetime, error: str = "") -> None:
    mine = Inbound.objects.filter(pk=row.pk, attempts=attempt, state=Inbound.State.RECEIVED)
    if mine.update(state=state, settled_at=at, lease_until=None, error=error[:2000]) != 1:
        raise _LostLease


def _put_off(row: Inbound, attempt: int, reason: NotYet, at: datetime) -> None:
    mine = Inbound.objects.filter(pk=row.pk, attempts=attempt, state=Inbound.State.RECEIVED)
    mine.update(due_at=at + ASK_AGAIN, lease_until=None, attempts=0, error=str(reason)[:2000])


def _park(row: Inbound, attempt: int, reason: NotReadable) -> None:
    mine = Inbound.objects.filter(pk=row.pk, attempts=attempt, state=Inbound.State.RECEIVED)
    mine.update(state=Inbound.State.PARKED, lease_until=None, error=str(reason)[:2000])


def _note_failure(row: Inbound, attempt: int, problem: Exception, at: datetime) -> None:
    parked = attempt >= MAX_ATTEMPTS
    Inbound.objects.filter(pk=row.pk, attempts=attempt, state=Inbound.State.RECEIVED).update(
        state=Inbound.State.PARKED if parked else Inbound.State.RECEIVED,
        due_at=at + timedelta(seconds=min(2**attempt, 300)),
        lease_until=None,
        error=f"{type(problem).__name__}: {problem}"[:2000],
    )


@transaction.atomic
def replay_parked_inbound(*, inbound_id: int, by: User, at: datetime) -> None:
    """Let the readers try a parked row again.  Raises NotParked when it is not parked (any more)."""
    parked = Inbound.objects.filter(pk=inbound_id, state=Inbound.State.PARKED)
    if parked.update(state=Inbound.State.RECEIVED, due_at=at, attempts=0, lease_until=None) != 1:
        raise NotParked
    record_event(name="shop.inbound.replayed", subject=f"shop.inbound:{inbound_id}", at=at, actor=by)
    doorbell.ring("shop.process_inbound")


@transaction.atomic
def set_aside_inbound(*, inbound_id: int, reason: str, by: User, at: datetime) -> None:
    """Leave a parked row unread, with the reason; its bytes stay.  Raises NotParked when it is not (any more)."""
    parked = Inbound.objects.filter(pk=inbound_id, state=Inbound.State.PARKED)
    if parked.update(state=Inbound.State.IGNORED, settled_at=at, error=reason[:2000]) != 1:
        raise NotParked
    subject = f"shop.inbound:{inbound_id}"
    record_event(name="shop.inbound.set-aside", subject=subject, payload={"reason": reason}, at=at, actor=by)
