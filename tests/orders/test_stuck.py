"""Stuck parcels are found once, by cause, and settled when they move on or by a person."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Order, Parcel, StuckLook, StuckParcel
from orders.operations.making import note_labelled
from orders.operations.packing import pack_parcel
from orders.operations.shipping import hand_over_parcel
from orders.operations.stuck import AlreadySettled, find_stuck_parcels, settle_stuck
from orders.queries.attention import count_stuck
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory
from tests.orders.test_operations_fulfilment import events_of, handed_over, scan

pytestmark = pytest.mark.django_db


def look(at: datetime) -> int:
    StuckLook.objects.all().delete()
    return find_stuck_parcels(at)


def labelled(now: datetime, number: str = "KP-2041-7736") -> Parcel:
    """A parcel that got its label on Monday."""
    order = placed_order(at=now, number=number)
    parcel = pack_parcel(parcel_id=order.parcels.get().pk, by=None, at=now)
    return note_labelled(parcel_id=parcel.pk, by=None, at=now)


def causes() -> list[tuple[str, bool]]:
    rows = StuckParcel.objects.order_by("id").values_list("cause", "settled_at")
    return [(cause, settled is not None) for cause, settled in rows]


def test_a_label_without_a_hand_over_is_found_once_and_settled_by_the_hand_over(now: datetime) -> None:
    parcel = labelled(now)
    tuesday, wednesday = now + timedelta(days=1, hours=1), now + timedelta(days=2)

    assert look(tuesday) == 0
    assert [look(wednesday), look(wednesday + timedelta(days=3))] == [1, 0]
    assert causes() == [("label", False)]
    assert events_of(parcel.order)[-1] == "orders.parcel.stuck"
    assert count_stuck(now) == 1

    at = wednesday + timedelta(days=3)
    hand_over_parcel(parcel_id=parcel.pk, carrier="demo", tracking_number="HP-1", by=None, at=at)
    look(at)
    assert causes() == [("label", True)]
    assert count_stuck(now) == 0


def test_silence_of_the_courier_is_found_again_only_after_another_scan(now: datetime) -> None:
    parcel = handed_over(placed_order(at=now), now)

    assert look(now + timedelta(days=2)) == 1
    scan(parcel, "in_transit", now + timedelta(days=2, hours=1))
    assert look(now + timedelta(days=2, hours=2)) == 0
    assert causes() == [("scan", True)]
    assert look(now + timedelta(days=4, hours=2)) == 1
    assert causes() == [("scan", True), ("scan", False)]


def test_what_was_left_on_another_day_than_she_named_is_found_and_a_person_settles_it(now: datetime) -> None:
    order = placed_order(at=now, home_weekdays=[3])
    parcel, dilini = handed_over(order, now), StaffFactory()
    scan(parcel, "delivered", now + timedelta(days=1))

    assert look(now + timedelta(days=1, hours=1)) == 1
    row = StuckParcel.objects.get()
    assert (row.cause, row.since_at) == ("window", now + timedelta(days=1))

    settle_stuck(stuck_id=row.pk, note="Her neighbour has it.", by=dilini, at=now + timedelta(days=1, hours=2))
    with pytest.raises(AlreadySettled):
        settle_stuck(stuck_id=row.pk, note="Me, too.", by=dilini, at=now + timedelta(days=1, hours=3))

    row.refresh_from_db()
    assert (row.settled_by, row.note) == (dilini, "Her neighbour has it.")
    assert events_of(order).count("orders.parcel.looked-after") == 1
    assert look(now + timedelta(days=2)) == 0


def test_what_arrived_in_her_window_or_belongs_to_a_cancelled_order_is_not_stuck(now: datetime) -> None:
    parcel = handed_over(placed_order(at=now, home_weekdays=[1]), now)
    scan(parcel, "delivered", now + timedelta(days=1))
    waiting = labelled(now, "KP-2")
    Order.objects.filter(pk=waiting.order_id).update(status="cancelled")

    assert look(now + timedelta(days=2)) == 0


def test_it_looks_once_an_hour_and_costs_the_same_for_one_and_three(now: datetime) -> None:
    labelled(now)
    at = now + timedelta(days=2)
    assert [find_stuck_parcels(at), find_stuck_parcels(at + timedelta(minutes=59))] == [1, 0]

    counts = []
    for numbers in (["KP-2"], ["KP-3", "KP-4", "KP-5"]):
        for number in numbers:
            labelled(now, number)
        StuckLook.objects.update(next_at=at)
        with CaptureQueriesContext(connection) as queries:
            assert find_stuck_parcels(at) == len(numbers)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_looks_go_by_their_indexes(now: datetime) -> None:
    handed_over(placed_order(at=now), now)
    rows = "SELECT id FROM orders_parcel WHERE "
    looks = {
        "parcel_labelled": "status = 'packed' AND labelled_at <= now()",
        "parcel_heard_of": "status = 'handed_over' AND coalesce(last_scan_at, handed_over_at) <= now()",
        "parcel_arrived": "status = 'delivered' AND delivered_at > now()",
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for index, condition in looks.items():
            cursor.execute(f"EXPLAIN {rows}{condition}")
            assert index in "\n".join(line for (line,) in cursor.fetchall())
