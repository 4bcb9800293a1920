"""Each invariant finds exactly the breach that was planted, by raw SQL, behind everybody's back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection

from orders.models import Order, Parcel
from orders.operations.coming_back import take_parcel_back
from orders.operations.delays import note_delay
from shop.queries.audit import breaches
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory
from tests.orders.test_operations_delays import late_parcel
from tests.orders.test_operations_fulfilment import handed_over, our_breaches, scan

pytestmark = pytest.mark.django_db


def plant(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)
    return [breach.code for breach in our_breaches()]


def forget(name: str) -> str:
    off = "ALTER TABLE shop_event DISABLE TRIGGER USER; DELETE FROM shop_eventdelivery; "
    return off + f"DELETE FROM shop_event WHERE name = '{name}'"  # noqa: S608 -- our own words


@pytest.fixture
def order(now: datetime) -> Order:
    """An order whose parcel went out, was late, told so, and arrived."""
    order, parcel = late_parcel(now)
    note_delay(order_id=order.pk, at=now + timedelta(days=2))
    scan(parcel, "out_for_delivery", now + timedelta(days=4))
    scan(parcel, "delivered", now + timedelta(days=4, hours=2))
    assert our_breaches() == []
    return order


def test_o21_a_parcel_that_says_something_else_than_its_scans(order: Order) -> None:
    assert plant("UPDATE orders_parcel SET carrier_status = 'in_transit'") == ["O21"]


def test_o21_follows_the_fold_after_delivery(order: Order, now: datetime) -> None:
    parcel = Parcel.objects.get()
    after = now + timedelta(days=5)
    for number, (status, reason) in enumerate(
        [("in_transit", ""), ("held", "delivery_corrected"), ("in_transit", ""), ("returning", ""), ("mystery", "")]
    ):
        scan(parcel, status, after + timedelta(hours=number), reason=reason)
        assert our_breaches() == []


def test_o22_pieces_that_left_in_no_parcel(order: Order) -> None:
    assert plant("UPDATE orders_orderline SET qty_delivered = 0") == ["O22"]


def test_o23_a_later_promise_nobody_was_told_of(order: Order) -> None:
    assert plant("DELETE FROM orders_delaycase") == ["O23"]


def test_o24_a_delay_without_its_event(order: Order) -> None:
    assert plant(forget("orders.order.delayed")) == ["O24"]


@pytest.mark.parametrize("name", ["orders.parcel.handed-over", "orders.parcel.delivered"])
def test_o25_a_parcel_without_its_event(order: Order, name: str) -> None:
    assert plant(forget(name)) == ["O25"]


def test_o26_a_delay_left_open_after_arrival(order: Order) -> None:
    assert plant("UPDATE orders_delaycase SET settled_at = NULL") == ["O26"]


def test_o27_an_order_nobody_looks_at(now: datetime) -> None:
    handed_over(placed_order(at=now), now)

    assert plant("UPDATE orders_order SET watch_at = NULL") == ["O27"]


def test_o28_a_missing_piece_without_its_case(now: datetime) -> None:
    placed_order(at=now, quantity=2)

    assert plant("UPDATE orders_orderline SET qty_missing = 1") == ["O05", "O28"]


def test_o29_a_piece_replaced_by_nothing(now: datetime) -> None:
    placed_order(at=now, quantity=2)

    assert plant("UPDATE orders_orderline SET qty_replaced = 1") == ["O05", "O29"]


def test_m12_a_parcel_that_came_back_and_nobody_put_away(now: datetime) -> None:
    parcel = handed_over(placed_order(at=now), now)
    take_parcel_back(parcel_id=parcel.pk, disposition="restock", by=StaffFactory(), at=now)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE shop_stockmovement DISABLE TRIGGER USER")
        cursor.execute("UPDATE shop_stockmovement SET key = 'lost' WHERE kind = 'returned'")

    assert [breach.code for breach in breaches(("M12",))] == ["M12"]
