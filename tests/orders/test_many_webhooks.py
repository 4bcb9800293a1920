"""Many couriers' deliveries read at once: the same parcels, timelines and orders as one after the other."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders import receivers
from orders.models import Order, OrderLine, Parcel, PromiseOutcome, TrackingEvent
from shop import subscriptions
from shop.models import Event, Inbound
from shop.operations.inbound import process_inbound, receive_inbound
from shop.queries.audit import breaches
from tests.factories.orders import placed_order
from tests.orders.test_courier_hook import news
from tests.orders.test_operations_fulfilment import handed_over

pytestmark = pytest.mark.django_db

STEPS = ("accepted", "in_transit", "attempt_failed", "out_for_delivery", "delivered")


def parcels(count: int, at: datetime) -> list[Parcel]:
    orders = [placed_order(at=at, number=f"KP-20{n:02d}-0001") for n in range(count)]
    return [handed_over(order, at, f"HP-20{n:02d}") for n, order in enumerate(orders)]


def tell(parcel: Parcel, step: str, hour: int, at: datetime) -> None:
    body = news(
        step,
        event_id=f"{parcel.tracking_number}-{step}",
        number=parcel.tracking_number,
        occurred_at=(at + timedelta(hours=hour)).isoformat(),
    )
    receive_inbound(source="courier:demo", source_key=f"{parcel.tracking_number}-{step}-{hour}", raw=body)


def read_all() -> None:
    while process_inbound(timezone.now()):
        pass


def what_stands() -> dict[str, Any]:
    """Everything scans may change, without ids and moments of writing."""
    parcel = ("tracking_number", "status", "carrier_status", "last_scan_at", "delivered_at", "delivered_source")
    order = ("number", "fulfilment_status", "service_status", "delivered_at", "next_due_kind", "next_due_at")
    arrived = Event.objects.filter(name="orders.parcel.delivered").order_by("subject")
    return {
        "parcels": list(Parcel.objects.order_by("id").values_list(*parcel)),
        "orders": list(Order.objects.order_by("id").values_list(*order)),
        "lines": list(OrderLine.objects.order_by("id").values_list("qty_delivered", flat=True)),
        "scans": sorted(TrackingEvent.objects.order_by("id").values_list("external_id", "status", "occurred_at")),
        "arrived": list(arrived.values_list("subject", "happened_at", "payload", "actor_kind", "visibility")),
        "outcomes": sorted(PromiseOutcome.objects.order_by("id").values_list("order_id", "kept_first", "delivered_at")),
        "rows": sorted(Inbound.objects.order_by("id").values_list("source_key", "state", "error")),
    }


@pytest.mark.parametrize("seed", range(6))
def test_read_at_once_or_one_by_one_the_same_stands(seed: int, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [(parcel, step, hour) for parcel in parcels(4, now) for hour, step in enumerate(STEPS, 1)]
    random.Random(seed).shuffle(told)
    told = told[: 8 + 2 * seed]

    def after(gathered: bool) -> dict[str, Any]:
        with transaction.atomic(), monkeypatch.context() as patch:
            if not gathered:
                patch.setattr(subscriptions, "_gatherers", {})
            for parcel, step, hour in told:
                tell(parcel, step, hour, now)
            read_all()
            found = what_stands()
            transaction.set_rollback(True)
        return found

    assert after(gathered=True) == after(gathered=False)


@pytest.mark.parametrize("count", [2, 6])
def test_it_costs_the_same_however_many_there_are(count: int, now: datetime) -> None:
    for parcel in parcels(count, now):
        tell(parcel, "in_transit", 1, now)

    with CaptureQueriesContext(connection) as asked:
        process_inbound(timezone.now())

    assert Inbound.objects.filter(state="processed").count() == count
    assert len(asked) == 16


def test_what_cannot_be_read_spoils_nothing_else(now: datetime) -> None:
    for parcel in parcels(3, now):
        tell(parcel, "in_transit", 1, now)
    receive_inbound(source="courier:demo", source_key="poison", raw=b"{")
    receive_inbound(source="courier:demo", source_key="nobody", raw=news(number="XX-1"))

    process_inbound(timezone.now())

    states = dict(Inbound.objects.order_by("id").values_list("source_key", "state"))
    assert [states[key] for key in ("poison", "nobody")] == ["received", "received"]  # the one fails, the other waits
    assert sorted(states.values()) == ["processed"] * 3 + ["received"] * 2
    assert TrackingEvent.objects.count() == 3


def test_when_the_batch_fails_each_is_read_alone(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    for parcel in parcels(3, now):
        tell(parcel, "delivered", 5, now)

    def breaks(rows: Sequence[Inbound]) -> set[int]:
        receivers.read_couriers(rows)
        raise RuntimeError("at the very end")

    monkeypatch.setitem(subscriptions._gatherers, "courier:demo", breaks)
    process_inbound(timezone.now())

    assert set(Inbound.objects.values_list("state", flat=True)) == {"processed"}
    assert Event.objects.filter(name="orders.parcel.delivered").count() == 3
    assert list(OrderLine.objects.order_by("id").values_list("qty_delivered", flat=True)) == [1, 1, 1]
    assert [breach for breach in breaches() if breach.code.startswith("O")] == []


def test_a_batch_whose_lease_ran_out_leaves_nothing_behind(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    for parcel in parcels(3, now):
        tell(parcel, "delivered", 5, now)

    def overtaken(rows: Sequence[Inbound]) -> set[int]:
        done = receivers.read_couriers(rows)
        Inbound.objects.filter(pk=min(done)).update(attempts=9)  # as another worker would
        return done

    monkeypatch.setitem(subscriptions._gatherers, "courier:demo", overtaken)
    monkeypatch.setitem(subscriptions._readers, "courier:demo", lambda row: (_ for _ in ()).throw(RuntimeError))
    process_inbound(timezone.now())

    assert (TrackingEvent.objects.count(), set(Parcel.objects.values_list("status", flat=True))) == (0, {"handed_over"})
    assert Event.objects.filter(name="orders.parcel.delivered").count() == 0
