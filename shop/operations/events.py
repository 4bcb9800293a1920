"""Events: recorded with the change they tell of, relayed to whoever subscribed.

Source: architecture 3, reliability reference D1, D4, T28.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from shop import doorbell, subscriptions
from shop.models import Event, EventDelivery, User
from shop.operations.leases import lease_due

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
LEASE = timedelta(seconds=30)  # a batch is a second of database work; with the sweep far below the 60 s of bar B7
BATCH = 50


class NotParked(Exception):
    """Only a parked row can be replayed."""


class NotInTransaction(RuntimeError):
    """An event was recorded outside the transaction of the change it tells of."""


def record_event(
    *,
    name: str,
    subject: str,
    at: datetime,
    payload: dict[str, Any] | None = None,
    order_number: str = "",
    customer: User | None = None,
    actor: User | None = None,
    actor_kind: str = "system",
    for_customer: bool = False,
) -> Event:
    """Record a fact and one delivery per subscriber, in the caller's transaction.

    `payload` holds ids, ISO text and minor units only.  `actor_kind` is customer, staff, courier or system.
    Raises NotInTransaction outside a transaction: the fact and its record must stand or fall together.
    """
    event = _event(
        NewEvent(name, subject, order_number, customer.pk if customer else None, payload or {}, for_customer),
        at=at,
        actor=actor,
        actor_kind=actor_kind,
    )
    return _record([event])[0]


@dataclass(frozen=True)
class NewEvent:
    """One of many facts of one kind, told in one go."""

    name: str
    subject: str
    order_number: str
    customer_id: int | None
    payload: dict[str, Any]
    for_customer: bool = False
    happened_at: datetime | None = None  # else the moment given for all of them


def record_events(
    facts: Sequence[NewEvent], *, at: datetime, actor: User | None = None, actor_kind: str = "system"
) -> list[Event]:
    """Record many facts as `record_event` does each; return them in the same order.  Two queries.

    Raises NotInTransaction.
    """
    return _record([_event(fact, at=at, actor=actor, actor_kind=actor_kind) for fact in facts])


def _event(fact: NewEvent, *, at: datetime, actor: User | None, actor_kind: str) -> Event:
    return Event(
        name=fact.name,
        subject=fact.subject,
        order_number=fact.order_number,
        customer_id=fact.customer_id,
        payload=fact.payload,
        visibility=Event.Visibility.CUSTOMER if fact.for_customer else Event.Visibility.STAFF,
        actor=actor,
        actor_kind="staff" if actor else actor_kind,
        happened_at=fact.happened_at or at,
    )


def _record(events: list[Event]) -> list[Event]:
    if not connection.in_atomic_block:
        raise NotInTransaction(", ".join(sorted({event.name for event in events})))
    Event.objects.bulk_create(events)
    due = [
        EventDelivery(event=event, consumer=who) for event in events for who in subscriptions.consumers_of(event.name)
    ]
    EventDelivery.objects.bulk_create(due)
    if due:
        doorbell.ring("shop.relay_events")
    return events


def relay_events(at: datetime) -> int:
    """Hand due events to their consumers, at most one batch, oldest first; return how many were settled.

    A consumer that fails is tried again with growing pauses and parked after MAX_ATTEMPTS, so that one poison event
    never holds up the others.
    """
    claimed = lease_due(EventDelivery, state=EventDelivery.State.DUE, lease=LEASE, most=BATCH)
    for delivery_id, attempt in claimed:
        _deliver(delivery_id=delivery_id, attempt=attempt, at=at)
    return len(claimed)


def _deliver(*, delivery_id: int, attempt: int, at: datetime) -> None:
    delivery = EventDelivery.objects.select_related("event", "event__customer").get(pk=delivery_id)
    try:
        with transaction.atomic():
            subscriptions.consumer(delivery.consumer)(delivery.event)
            _finish(delivery, attempt, state=EventDelivery.State.DONE, done_at=at, error="")
    except _LostLease:
        log.info("delivery %s went to another worker", delivery_id)
    except Exception as problem:  # whatever a consumer does wrong, the queue goes on
        log.warning("delivery %s to %s failed: %s", delivery_id, delivery.consumer, type(problem).__name__)
        _note_failure(delivery, attempt, problem, at)


class _LostLease(Exception):
    """The lease ran out and somebody else took over: what we did is rolled back."""


def _finish(delivery: EventDelivery, attempt: int, **values: Any) -> None:
    mine = EventDelivery.objects.filter(pk=delivery.pk, attempts=attempt, state=EventDelivery.State.DUE)
    if mine.update(lease_until=None, **values) != 1:
        raise _LostLease


def _note_failure(delivery: EventDelivery, attempt: int, problem: Exception, at: datetime) -> None:
    parked = attempt >= MAX_ATTEMPTS
    EventDelivery.objects.filter(pk=delivery.pk, attempts=attempt).update(
        state=EventDelivery.State.PARKED if parked else EventDelivery.State.DUE,
        due_at=at + timedelta(seconds=min(2**attempt, 300)),
        lease_until=None,
        error=f"{type(problem).__name__}: {problem}"[:2000],
    )


@transaction.atomic
def replay_parked(*, delivery_id: int, by: User, at: datetime) -> None:
    """Put a parked delivery back into the queue, after a person has mended its cause.

    Raises NotParked when somebody else did it before, or it never was parked.
    """
    parked = EventDelivery.objects.filter(pk=delivery_id, state=EventDelivery.State.PARKED)
    if parked.update(state=EventDelivery.State.DUE, due_at=at, attempts=0, lease_until=None) != 1:
        raise NotParked
    record_event(name="shop.delivery.replayed", subject=f"shop.eventdelivery:{delivery_id}", at=at, actor=by)
    doorbell.ring("shop.relay_events")
