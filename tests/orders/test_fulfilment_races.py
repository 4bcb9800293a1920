"""Two people, ten webhooks: at the same moment, on real connections."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from orders.models import OrderLine, Parcel, TrackingEvent
from orders.operations.delays import note_delay
from orders.operations.packing import pack_parcel
from orders.operations.shipping import TrackingNumberTaken, hand_over_parcel
from orders.operations.tracking import apply_tracking
from orders.rules.states import Impossible
from shop.models import Event, StockMovement
from shop.operations.inbound import process_inbound, receive_inbound
from tests.crowds import kinds, together
from tests.factories.orders import placed_order
from tests.orders.test_courier_hook import news
from tests.orders.test_operations_delays import late_parcel
from tests.orders.test_operations_fulfilment import handed_over, our_breaches, parcel_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_people_press_hand_over_and_it_happens_once(now: datetime) -> None:
    parcel = pack_parcel(parcel_id=parcel_of(placed_order(at=now, quantity=2)).pk, by=None, at=now)

    def press(number: str) -> Callable[[], Any]:
        return lambda: hand_over_parcel(parcel_id=parcel.pk, carrier="demo", tracking_number=number, by=None, at=now)

    results = together(press("HP-1001"), press("HP-2002"))

    assert kinds(results) == [Impossible.__name__, Parcel.__name__]
    assert OrderLine.objects.get().qty_handed_over == 2
    assert StockMovement.objects.filter(kind="handed_over").count() == 1
    assert Event.objects.filter(name="orders.parcel.handed-over").count() == 1
    assert our_breaches() == []


def test_two_parcels_cannot_take_one_number(now: datetime) -> None:
    parcels = [
        pack_parcel(parcel_id=parcel_of(placed_order(at=now, number=number)).pk, by=None, at=now)
        for number in ("KP-1", "KP-2")
    ]

    results = together(
        *[
            lambda parcel=parcel: hand_over_parcel(
                parcel_id=parcel.pk, carrier="demo", tracking_number="HP-1001", by=None, at=now
            )
            for parcel in parcels
        ]
    )

    assert kinds(results) == [Parcel.__name__, TrackingNumberTaken.__name__]
    assert sorted(Parcel.objects.values_list("status", flat=True)) == ["handed_over", "packed"]
    assert our_breaches() == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ten_webhooks_at_once_give_the_same_parcel(now: datetime, seed: int) -> None:
    parcel = handed_over(placed_order(at=now), now)
    codes = ["accepted", *["in_transit"] * 5, "held", "attempt_failed", "out_for_delivery", "delivered"]
    bodies = [
        news(code, event_id=f"e-{number}", occurred_at=(now + timedelta(hours=number)).isoformat())
        for number, code in enumerate(codes)
    ]
    random.Random(seed).shuffle(bodies)
    for number, body in enumerate(bodies):
        receive_inbound(source="courier:demo", source_key=f"e-{number}", raw=body)

    together(*[lambda: process_inbound(now) for _ in range(10)])

    parcel.refresh_from_db()
    assert (parcel.status, parcel.carrier_status) == ("delivered", "delivered")
    assert parcel.delivered_at == now + timedelta(hours=9)
    assert TrackingEvent.objects.count() == 10
    assert OrderLine.objects.get().qty_delivered == 1
    assert our_breaches() == []


def test_the_same_scan_ten_times_at_once_counts_once(now: datetime) -> None:
    parcel = handed_over(placed_order(at=now), now)

    def scan() -> bool:
        return apply_tracking(
            parcel_id=parcel.pk, provider="demo", external_id="e-1", status="delivered", occurred_at=now, at=now
        )

    assert sorted(together(*[scan] * 10)) == [False] * 9 + [True]
    assert OrderLine.objects.get().qty_delivered == 1


def test_two_watches_tell_a_delay_once(now: datetime) -> None:
    order, _parcel = late_parcel(now)
    at = now + timedelta(days=2)

    together(*[lambda: note_delay(order_id=order.pk, at=at)] * 4)

    assert Event.objects.filter(name="orders.order.delayed").count() == 1
    assert order.promises.count() == 2
