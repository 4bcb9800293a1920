"""Packing, hand-over, tracking, exchange: each step once, with its event, or refused and nothing written."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from orders.models import Order, OrderLine, Parcel, TrackingEvent
from orders.operations.exchanging import add_exchange
from orders.operations.packing import NotOnShelf, pack_parcel
from orders.operations.shipping import BadTrackingNumber, NotPaidYet, TrackingNumberTaken, hand_over_parcel
from orders.operations.tracking import apply_tracking
from orders.rules.states import Impossible
from shop.models import Event, StockLevel
from shop.operations.stock import SoldOut
from shop.queries.audit import Breach, breaches
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory, VariantFactory

pytestmark = pytest.mark.django_db


def our_breaches() -> list[Breach]:
    """Leave out what upper apps expect of events that nobody relays here."""
    return [breach for breach in breaches() if breach.code[0] in "SO"]


def events_of(order: Order) -> list[str]:
    return list(Event.objects.filter(order_number=order.number).order_by("id").values_list("name", flat=True))


def parcel_of(order: Order) -> Parcel:
    return Parcel.objects.get(order=order, number=1)


def handed_over(order: Order, at: datetime, number: str = "HP-1001") -> Parcel:
    parcel = pack_parcel(parcel_id=parcel_of(order).pk, by=None, at=at)
    return hand_over_parcel(parcel_id=parcel.pk, carrier="demo", tracking_number=number, by=None, at=at)


def scan(parcel: Parcel, status: str, at: datetime, **more: object) -> bool:
    fields = {"external_id": f"{status}-{at.isoformat()}", "occurred_at": at, **more}
    return apply_tracking(parcel_id=parcel.pk, provider="demo", status=status, at=at, **fields)  # type: ignore[arg-type]


def test_pack_parcel_says_who_and_when(now: datetime) -> None:
    order, dilini = placed_order(at=now), StaffFactory()

    pack_parcel(parcel_id=parcel_of(order).pk, by=dilini, at=now)

    parcel = parcel_of(order)
    order.refresh_from_db()
    assert (parcel.status, parcel.packed_at, parcel.packed_by) == ("packed", now, dilini)
    assert (order.fulfilment_status, order.next_due_kind) == ("packed", "label")
    assert events_of(order) == ["orders.parcel.packed"]
    event = Event.objects.get(name="orders.parcel.packed")
    assert event.payload == {"order_id": order.pk, "parcel_id": parcel.pk}
    assert event.visibility == "customer"


def test_pack_parcel_refuses_a_second_time_and_a_cancelled_order(now: datetime) -> None:
    order = placed_order(at=now)
    pack_parcel(parcel_id=parcel_of(order).pk, by=None, at=now)
    with pytest.raises(Impossible):
        pack_parcel(parcel_id=parcel_of(order).pk, by=None, at=now)
    other = placed_order(at=now, number="KP-2")
    Order.objects.filter(pk=other.pk).update(status="cancelled")

    with pytest.raises(Impossible):
        pack_parcel(parcel_id=parcel_of(other).pk, by=None, at=now)

    assert events_of(order) == ["orders.parcel.packed"]
    assert events_of(other) == []


def test_pack_parcel_refuses_what_is_not_on_the_shelf(now: datetime) -> None:
    order = placed_order(at=now, quantity=2)
    StockLevel.objects.update(on_hand=1, allocated=0)  # somebody took pieces off the shelf

    with pytest.raises(NotOnShelf) as refused:
        pack_parcel(parcel_id=parcel_of(order).pk, by=None, at=now)

    assert (refused.value.needed, refused.value.there) == (2, 1)
    assert (parcel_of(order).status, events_of(order)) == ("planned", [])


def test_hand_over_parcel_lets_the_pieces_leave(now: datetime) -> None:
    order = placed_order(at=now, quantity=3)
    level = StockLevel.objects.get()
    assert (level.on_hand, level.allocated) == (20, 3)

    parcel = handed_over(order, now, number=" hp 1001 ")

    level.refresh_from_db()
    order.refresh_from_db()
    assert (level.on_hand, level.allocated) == (17, 0)
    assert (parcel.status, parcel.tracking_number, parcel.handed_over_at) == ("handed_over", "HP1001", now)
    assert OrderLine.objects.get().qty_handed_over == 3
    assert (order.fulfilment_status, order.next_due_kind) == ("handed_over", "deliver")
    assert events_of(order) == ["orders.parcel.packed", "orders.parcel.handed-over"]
    assert our_breaches() == []


def test_hand_over_parcel_refuses_an_unpaid_transfer(now: datetime) -> None:
    order = placed_order(at=now, paid=False)

    with pytest.raises(NotPaidYet):
        handed_over(order, now)

    assert parcel_of(order).status == "packed"
    assert StockLevel.objects.get().on_hand == 20


@pytest.mark.parametrize("number", ["", "abc", "ab_c1", "x" * 61, "HP 1001; drop"])
def test_hand_over_parcel_refuses_an_impossible_number(now: datetime, number: str) -> None:
    order = placed_order(at=now)

    with pytest.raises(BadTrackingNumber):
        handed_over(order, now, number=number)

    assert parcel_of(order).status == "packed"


def test_hand_over_parcel_refuses_a_number_that_travels_already(now: datetime) -> None:
    handed_over(placed_order(at=now), now)
    other = placed_order(at=now, number="KP-2")

    with pytest.raises(TrackingNumberTaken) as refused:
        handed_over(other, now)

    assert refused.value.order_number == "KP-2041-7736"
    assert (parcel_of(other).status, parcel_of(other).tracking_number) == ("packed", "")


def test_hand_over_parcel_refuses_what_is_not_packed_or_already_gone(now: datetime) -> None:
    order = placed_order(at=now)
    with pytest.raises(Impossible):
        hand_over_parcel(parcel_id=parcel_of(order).pk, carrier="demo", tracking_number="HP-9", by=None, at=now)
    handed_over(order, now)

    with pytest.raises(Impossible):
        hand_over_parcel(parcel_id=parcel_of(order).pk, carrier="demo", tracking_number="HP-9", by=None, at=now)

    assert events_of(order).count("orders.parcel.handed-over") == 1


def test_apply_tracking_lets_only_delivered_cross_over(now: datetime) -> None:
    order = placed_order(at=now, quantity=2)
    parcel = handed_over(order, now)
    day = now + timedelta(days=1)

    scan(parcel, "in_transit", now + timedelta(hours=4))
    scan(parcel, "out_for_delivery", day)
    assert parcel_of(order).status == "handed_over"
    scan(parcel, "delivered", day + timedelta(hours=3))

    parcel.refresh_from_db()
    order.refresh_from_db()
    assert (parcel.status, parcel.carrier_status, parcel.delivered_source) == ("delivered", "delivered", "carrier")
    assert parcel.delivered_at == order.delivered_at == day + timedelta(hours=3)
    assert OrderLine.objects.get().qty_delivered == 2
    assert (order.fulfilment_status, order.service_status, order.next_due_at) == ("delivered", "ok", None)
    assert events_of(order)[2:] == ["orders.parcel.out-for-delivery", "orders.parcel.delivered"]
    delivered = Event.objects.get(name="orders.parcel.delivered")
    assert delivered.payload["kept_first_promise"] is True
    assert our_breaches() == []


def test_apply_tracking_counts_a_scan_once_and_ignores_what_comes_too_late(now: datetime) -> None:
    order = placed_order(at=now)
    parcel = handed_over(order, now)
    delivered_at = now + timedelta(days=1)

    assert scan(parcel, "delivered", delivered_at) is True
    assert scan(parcel, "delivered", delivered_at) is False
    assert scan(parcel, "out_for_delivery", delivered_at - timedelta(hours=5)) is True

    parcel.refresh_from_db()
    assert (parcel.status, parcel.carrier_status) == ("delivered", "delivered")
    assert OrderLine.objects.get().qty_delivered == 1
    assert TrackingEvent.objects.count() == 2
    assert events_of(order)[2:] == ["orders.parcel.delivered"]


def test_apply_tracking_tells_each_failed_attempt(now: datetime) -> None:
    order = placed_order(at=now)
    parcel = handed_over(order, now)

    scan(parcel, "attempt_failed", now + timedelta(days=1), reason="not_home")
    scan(parcel, "attempt_failed", now + timedelta(days=2), reason="not_home")

    assert events_of(order)[2:] == ["orders.parcel.attempt-failed"] * 2


def test_apply_tracking_asks_about_an_address_the_courier_does_not_know_and_about_nothing_else(now: datetime) -> None:
    order = placed_order(at=now)
    parcel = handed_over(order, now)

    scan(parcel, "held", now + timedelta(days=1), reason="weather")
    scan(parcel, "held", now + timedelta(days=2), reason="address")
    scan(parcel, "out_for_delivery", now + timedelta(days=4))
    scan(parcel, "held", now + timedelta(days=3), reason="address")  # told late: it has moved on meanwhile

    assert events_of(order)[2:] == ["orders.parcel.address-unclear", "orders.parcel.out-for-delivery"]


def test_apply_tracking_does_not_believe_the_future(now: datetime) -> None:
    parcel = handed_over(placed_order(at=now), now)

    scan(parcel, "in_transit", now, occurred_at=now + timedelta(days=400))

    assert TrackingEvent.objects.get().occurred_at == now


def test_apply_tracking_measures_against_the_first_promise(now: datetime) -> None:
    order = placed_order(at=now)
    parcel = handed_over(order, now)

    scan(parcel, "delivered", now + timedelta(days=9))

    order.refresh_from_db()
    assert order.service_status == "late"
    assert Event.objects.get(name="orders.parcel.delivered").payload["kept_first_promise"] is False


def test_an_order_of_two_parcels_arrives_with_the_second(now: datetime) -> None:
    order = placed_order(at=now, quantity=2)
    first = parcel_of(order)
    first.lines.update(quantity=1)
    second = Parcel.objects.create(order=order, number=2)
    second.lines.create(line=OrderLine.objects.get(), quantity=1)
    for parcel in (first, second):
        pack_parcel(parcel_id=parcel.pk, by=None, at=now)
        hand_over_parcel(parcel_id=parcel.pk, carrier="demo", tracking_number=f"HP-{parcel.number}00", by=None, at=now)

    scan(second, "delivered", now + timedelta(days=2))
    order.refresh_from_db()
    assert (order.fulfilment_status, order.delivered_at) == ("handed_over", None)
    scan(first, "delivered", now + timedelta(days=1), external_id="other")

    order.refresh_from_db()
    assert (order.fulfilment_status, order.delivered_at) == ("delivered", now + timedelta(days=2))
    assert our_breaches() == []


def test_add_exchange_adds_one_free_line_with_its_own_parcel(now: datetime) -> None:
    order, larger = placed_order(at=now), VariantFactory(label="Large")
    parcel = handed_over(order, now)
    scan(parcel, "delivered", now + timedelta(days=1))
    line, later = OrderLine.objects.get(), now + timedelta(days=3)

    made = [
        add_exchange(
            order_id=order.pk,
            exchange_of_id=line.pk,
            variant_id=larger.pk,
            quantity=1,
            key="returns.line:7",
            by=None,
            at=later,
        )
        for _ in range(2)
    ]

    order.refresh_from_db()
    extra = Parcel.objects.get(order=order, number=2)
    assert made[0].pk == made[1].pk
    assert (made[0].kind, made[0].gross_minor, made[0].exchange_of_id) == ("exchange", 0, line.pk)
    assert StockLevel.objects.get(variant=larger).allocated == 1
    plan = extra.plans.get()
    assert (order.next_due_kind, order.next_due_at, order.watch_at) == ("pack", plan.pack_by_at, later)
    assert plan.hand_over_by_at == extra.due_at
    assert (order.delivered_at, order.service_status) == (now + timedelta(days=1), "ok")
    assert order.promises.count() == 1
    assert our_breaches() == []


def test_add_exchange_refuses_what_is_sold_out(now: datetime) -> None:
    order, gone = placed_order(at=now), VariantFactory(stock=0)

    with pytest.raises(SoldOut):
        add_exchange(
            order_id=order.pk,
            exchange_of_id=OrderLine.objects.get().pk,
            variant_id=gone.pk,
            quantity=1,
            key="returns.line:8",
            by=None,
            at=now,
        )

    assert (OrderLine.objects.count(), Parcel.objects.count(), events_of(order)) == (1, 1, [])
