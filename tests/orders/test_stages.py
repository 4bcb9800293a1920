"""Stages: what waits where, until when, and how full the days of the workshop are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import Order, OrderLine, Parcel, Workshop
from orders.operations.making import note_labelled, note_made
from orders.operations.packing import pack_parcel
from orders.operations.shipping import hand_over_parcel
from orders.operations.statuses import recompute_statuses
from orders.queries.stages import deadlines_of, loads, route_of_order, workshop_days
from orders.rules.stages import Stage
from orders.rules.states import Impossible
from shop.models import BusinessCalendar, CalendarException
from shop.operations.people import sync_roles
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_operations_fulfilment import events_of

pytestmark = pytest.mark.django_db


def made_to_order(now: datetime, number: str = "KP-1") -> tuple[Order, Parcel]:
    """A promised piece that has to be made first."""
    order = placed_order(at=now, number=number, variant=VariantFactory())
    OrderLine.objects.filter(order=order).update(making_days=2)
    recompute_statuses(order)
    return order, order.parcels.get()


def stage(order: Order) -> str:
    order.refresh_from_db()
    return order.next_due_kind


def test_an_order_goes_through_its_stages(now: datetime) -> None:
    order, parcel = made_to_order(now)
    seen = [stage(order)]

    for step in (
        lambda: note_made(parcel_id=parcel.pk, by=None, at=now),
        lambda: pack_parcel(parcel_id=parcel.pk, by=None, at=now),
        lambda: note_labelled(parcel_id=parcel.pk, by=None, at=now),
        lambda: hand_over_parcel(parcel_id=parcel.pk, carrier="own", tracking_number="HP-10", by=None, at=now),
    ):
        step()
        seen.append(stage(order))

    assert seen == ["make", "pack", "label", "hand_over", "deliver"]
    assert events_of(order)[:4] == [
        "orders.parcel.made", "orders.parcel.packed", "orders.parcel.labelled", "orders.parcel.handed-over",
    ]  # fmt: skip


def test_a_transfer_comes_first(now: datetime) -> None:
    order = placed_order(at=now, paid=False)

    assert (stage(order), order.next_due_at) == ("pay", _due(order).pay_by_at)


def _due(order: Order) -> Any:
    return deadlines_of(order.promises.get(version=1), route_of_order(order))


@pytest.mark.parametrize("note", [note_made, note_labelled])
def test_a_stage_is_noted_once_and_only_in_its_turn(now: datetime, note: Callable[..., Parcel]) -> None:
    _order, parcel = made_to_order(now)
    if note is note_labelled:
        with pytest.raises(Impossible):
            note(parcel_id=parcel.pk, by=None, at=now)
        pack_parcel(parcel_id=parcel.pk, by=None, at=now)

    note(parcel_id=parcel.pk, by=None, at=now)
    again = note(parcel_id=parcel.pk, by=None, at=now + timedelta(hours=1))

    assert (again.made_at or again.labelled_at) == now


def test_our_deadline_moves_when_a_day_closes_and_the_promise_stays(now: datetime) -> None:
    order = placed_order(at=now)  # to be packed on Monday, handed over on Tuesday
    before, promise = order.next_due_at, order.promises.get(version=1)
    CalendarException.objects.create(
        calendar=BusinessCalendar.objects.get(code="workshop"),
        first_on=now.date() + timedelta(days=1),
        last_on=now.date() + timedelta(days=1),
        public_reason="Rest",
    )
    BusinessCalendar.objects.filter(code="workshop").update(version=2)

    recompute_statuses(Order.objects.get(pk=order.pk))

    assert before == promise.pack_by_at
    order.refresh_from_db()
    assert order.next_due_at is not None
    assert order.next_due_at <= promise.pack_by_at
    kept = order.promises.get(version=1)
    assert (kept.pack_by_at, kept.hand_over_by_at) == (promise.pack_by_at, promise.hand_over_by_at)


@pytest.mark.parametrize("orders", [1, 3])
def test_the_loads_count_each_stage_in_one_query(now: datetime, orders: int, django_assert_num_queries: Any) -> None:
    for number in range(orders):
        placed_order(at=now, number=f"KP-{number}")

    with django_assert_num_queries(1):
        found = {load.stage: load for load in loads(now, midnight=now + timedelta(hours=14))}

    assert (found[Stage.PACKING].today, found[Stage.PACKING].total) == (orders, orders)
    assert found[Stage.HAND_OVER].total == 0


def test_days_of_the_workshop_stand_against_their_capacity(now: datetime) -> None:
    order = placed_order(at=now)
    BusinessCalendar.objects.filter(code="workshop").update(capacity_per_day=1)

    days = workshop_days(Workshop.objects.get(pk=order.service.workshop_id), today=now.date())

    assert [(day.orders, day.capacity, day.open) for day in days[:2]] == [(1, 1, True), (0, 1, True)]
    assert [day.open for day in days[5:7]] == [False, False]


def test_staff_see_the_work_by_stage_and_go_on_to_the_orders() -> None:
    sync_roles(at=timezone.now())
    order, _parcel = made_to_order(timezone.now(), "KP-2041-7736")
    client = Client()
    client.force_login(StaffFactory(is_superuser=True))

    page = client.get(reverse("admin:orders_order_stages"))
    row = next(row for row in page.context["stages"] if row["load"].stage == Stage.MAKING)

    assert (row["load"].total, str(row["name"])) == (1, "Making")
    listed = client.get(reverse("admin:orders_order_changelist") + "?" + row["query"])
    assert [each.number for each in listed.context["cl"].result_list] == [order.number]
    assert "It is made" in client.get(reverse("admin:orders_order_change", args=[order.pk])).text
