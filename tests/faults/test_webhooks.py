"""Workers die in the middle of what couriers told: nothing is lost, nothing counts twice.

Source: reliability reference T44, T45; D9.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from orders.models import Order, OrderLine, Parcel, TrackingEvent
from shop.models import Event, Inbound
from shop.operations.inbound import receive_inbound
from shop.queries.audit import breaches
from tests.factories.orders import placed_order
from tests.faults.harness import Backroom, backroom, wait_until
from tests.orders.test_operations_fulfilment import handed_over

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

STEPS = ("accepted", "in_transit", "held", "out_for_delivery", "delivered")
PARCELS = 8
LEASE = 2  # seconds


def on_their_way(count: int, at: datetime) -> list[Parcel]:
    orders = [placed_order(at=at, number=f"KP-20{n:02d}-0001") for n in range(count)]
    return [handed_over(order, at, f"HP-20{n:02d}") for n, order in enumerate(orders)]


def tell_everything(parcels: list[Parcel]) -> None:
    """Every scan of every parcel, each in two deliveries, in any order."""
    told = [(parcel, step, copy) for parcel in parcels for step in range(len(STEPS)) for copy in range(2)]
    random.Random(20260302).shuffle(told)
    for parcel, step, _copy in told:
        key = f"{parcel.tracking_number}-{step}"
        news = {
            "event_id": key,
            "tracking_number": parcel.tracking_number,
            "code": STEPS[step],
            "occurred_at": (timezone.now() - timedelta(hours=9 - step)).isoformat(),
        }
        receive_inbound(source="courier:demo", source_key=key, raw=json.dumps(news).encode())


@contextmanager
def somebody_holds(order: Order) -> Iterator[None]:
    """Keep an order locked, so that a worker that wants it stands still with its whole batch claimed."""
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=order.pk)
        yield


def all_understood() -> bool:
    return not Inbound.objects.filter(state="received").exists()


def worker_stands_still() -> bool:
    """Whether somebody waits for the order while a batch is claimed and not understood to its end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        waits = bool(cursor.fetchone()[0])
    return waits and claimed()


def claimed() -> bool:
    return Inbound.objects.filter(state="received", lease_until__isnull=False).exists()


def killed_in_the_middle(room: Backroom, parcels: list[Parcel]) -> None:
    """Kill a worker that has claimed everything and understood only a part of it."""
    with somebody_holds(parcels[0].order):
        worker = room.worker(hands=4)  # other sweeps wait for the same order
        room.beat()
        wait_until(worker_stands_still, seconds=40, what="the worker waits for the order")
        worker.kill()
    assert claimed()


def test_what_a_killed_worker_had_claimed_is_taken_over_and_counts_once() -> None:
    parcels = on_their_way(PARCELS, timezone.now() - timedelta(days=1))
    tell_everything(parcels)

    with backroom(sweep_seconds=0.5, INBOUND_LEASE_SECONDS=str(LEASE)) as room:
        killed_in_the_middle(room, parcels)
        room.worker()
        took = wait_until(all_understood, seconds=60, what="everything is understood")

    assert took < 60
    assert set(Inbound.objects.values_list("state", flat=True)) == {"processed"}
    assert TrackingEvent.objects.count() == PARCELS * len(STEPS)
    assert set(Parcel.objects.values_list("status", "carrier_status")) == {("delivered", "delivered")}
    assert set(OrderLine.objects.values_list("qty_delivered", flat=True)) == {1}
    assert Event.objects.filter(name="orders.parcel.delivered").count() == PARCELS
    # What the demo's orders owe their shoppers is not this test's matter: nobody ran the relay to its end.
    assert [breach for breach in breaches() if breach.code.startswith("O")] == []


def test_without_the_end_of_a_lease_it_is_lost() -> None:
    parcels = on_their_way(PARCELS, timezone.now() - timedelta(days=1))
    tell_everything(parcels)

    with backroom(sweep_seconds=0.5, INBOUND_LEASE_SECONDS="3600") as room:
        killed_in_the_middle(room, parcels)
        room.worker()
        time.sleep(8 * LEASE)

    assert not all_understood()
