"""Paid, and the process that took the money died: an order within a minute, by the sweep alone.

The sum of what may lie between: the lease of who died, the pause of the sweep, one call to a provider that is slow.
Source: reliability reference T04.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from orders.checks import orders_fit_for_the_public
from orders.gateways.payments.stripe_checkout import CONNECT_SECONDS, READ_SECONDS
from orders.models import Order, OrderChange, PaymentEvent, Submission, TestCardEntry
from orders.operations import changing, finishing, placing
from orders.operations.finishing import finish_placements
from orders.operations.placing import place_order
from shop.celery import app
from shop.queries.audit import breaches
from tests.factories.bags import ANA, filled_bag, ordered, shown_to
from tests.orders.test_changing import shown, sizes, stage

MINUTE = timedelta(seconds=60)


class Killed(BaseException):
    """The process is gone; no handler of ours hears of it."""


def kill(*_: object, **__: object) -> Any:
    raise Killed


def paid_and_dead(now: datetime, monkeypatch: pytest.MonkeyPatch, key: Any = None) -> None:
    """Ana's card was charged; then the process died."""
    cart, _token = filled_bag(at=now)
    with monkeypatch.context() as dying:
        dying.setattr(finishing, "finalize", kill)
        with pytest.raises(Killed):
            place_order(key=key or uuid4(), cart_id=cart.pk, request=ANA, shown=shown_to(cart, ANA, at=now), at=now)


def until_taken_up(column: str, table: str) -> timedelta:
    """How long, on the database's clock, until the sweep may take it up."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} - statement_timestamp() FROM {table}")  # noqa: S608 -- our own names
        return cursor.fetchone()[0]


def repaired_after(lease: timedelta, sweep: str) -> timedelta:
    """The lease, the pause between two sweeps as beat keeps it, and the longest call."""
    every = app.conf.beat_schedule[sweep]["schedule"]
    return lease + timedelta(seconds=every) + timedelta(seconds=CONNECT_SECONDS + READ_SECONDS)


@pytest.mark.django_db
def test_paid_but_no_order_is_repaired_within_a_minute(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    paid_and_dead(now, monkeypatch)
    assert (Order.objects.get().status, PaymentEvent.objects.count(), TestCardEntry.objects.count()) == (
        "placing",
        0,
        1,
    )

    lease = until_taken_up("lease_until", "orders_submission")
    assert repaired_after(lease, "orders.finish_placements") <= MINUTE

    Submission.objects.update(lease_until=now - timedelta(days=1))  # that time is over
    assert finish_placements(now) == 1
    assert (Order.objects.get().status, PaymentEvent.objects.count(), TestCardEntry.objects.count()) == (
        "placed",
        1,
        1,
    )
    assert breaches() == []


@pytest.mark.django_db
def test_whoever_takes_it_up_and_dies_too_holds_it_no_longer(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    paid_and_dead(now, monkeypatch)
    Submission.objects.update(lease_until=now - timedelta(days=1))
    monkeypatch.setattr(finishing, "finalize", kill)

    with pytest.raises(Killed):
        finish_placements(now)

    assert repaired_after(until_taken_up("lease_until", "orders_submission"), "orders.finish_placements") <= MINUTE


@pytest.mark.django_db
def test_a_change_that_was_paid_is_made_within_a_minute(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = sizes(1000, 1500)
    order = ordered((small, 1), at=now)
    change = stage(order, now, (large, 1))
    saw = shown(change, now)
    monkeypatch.setattr(changing, "_paid", kill)

    with pytest.raises(Killed):
        changing.confirm_change(
            change_id=change.pk, order_id=order.pk, shown=saw, payment_token="test:pays", by=None, at=now
        )

    change = OrderChange.objects.get()
    assert change.state == "paying"
    assert repaired_after(change.due_at - now, "orders.finish_changes") <= MINUTE


@pytest.mark.django_db
def test_with_the_lease_of_before_it_would_take_longer(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: sixty seconds of lease alone are a minute, and the sweep comes after them."""
    monkeypatch.setattr(placing, "LEASE", MINUTE)
    paid_and_dead(now, monkeypatch)

    assert repaired_after(until_taken_up("lease_until", "orders_submission"), "orders.finish_placements") > MINUTE


def test_a_sweep_that_comes_too_rarely_is_warned_of(settings: Any) -> None:
    assert [message.id for message in orders_fit_for_the_public(None)] == []

    settings.SWEEP_SECONDS = 30

    assert [message.id for message in orders_fit_for_the_public(None)] == ["orders.W001"]
