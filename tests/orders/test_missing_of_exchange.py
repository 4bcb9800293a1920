"""A piece of an exchange is missing: the exchange has days of its own, and the order's promise is none of its business.

Source: delivery reference finding 10 (on time is measured against the first promise); commerce reference d.5, 4.20.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.db import connection

from orders.models import DelayCase, Order, OrderLine, Parcel, ParcelPlan, PromiseOutcome, Unavailability
from orders.operations import choosing
from orders.operations.delays import note_delay, watch_promises
from orders.operations.exchanging import add_exchange
from orders.operations.packing import pack_parcel
from orders.operations.shipping import hand_over_parcel
from orders.operations.shortfalls import note_short_pick
from orders.operations.splitting import split_parcel
from orders.queries.attention import count_told_too_late
from orders.queries.trips import trips_of
from shop.models import Event, StockArrival, StockLevel, Variant
from shop.operations import arrivals
from tests.breaches import without_triggers
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_operations_fulfilment import handed_over, our_breaches, scan

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def in_exchange(order: Order, *, at: datetime) -> Parcel:
    """Plan an exchange for the first line; return its parcel."""
    add_exchange(
        order_id=order.pk,
        exchange_of_id=order.lines.order_by("id")[0].pk,
        variant_id=VariantFactory(label="Large").pk,
        quantity=1,
        key="returns.line:7",
        by=None,
        at=at,
    )
    return Parcel.objects.filter(order=order).latest("number")


def delivered(at: datetime) -> Order:
    """An order that arrived a day after it was placed, two before its promise ends."""
    order = placed_order(at=at)
    scan(handed_over(order, at), "delivered", at + DAY)
    return order


def missing(parcel: Parcel, *, at: datetime) -> Unavailability:
    """Find that the only piece of a parcel is not there."""
    line_id = parcel.lines.get().line_id
    return note_short_pick(
        parcel_id=parcel.pk, line_id=line_id, missing=1, reason="", key=f"p{parcel.pk}", by=StaffFactory(), at=at
    )


def sent_instead(parcel: Parcel, *, at: datetime) -> OrderLine:
    """Let her take another colour in place of the missing piece of an exchange."""
    case = missing(parcel, at=at)
    blue: Variant = VariantFactory(product=case.line.variant.product, label="Blue")
    choosing.choose_other(case_id=case.pk, order_id=case.order_id, variant_id=blue.pk, by=None, at=at)
    return OrderLine.objects.latest("id")


def gone(parcel: Parcel, *, at: datetime) -> Parcel:
    pack_parcel(parcel_id=parcel.pk, by=None, at=at)
    return hand_over_parcel(parcel_id=parcel.pk, carrier="demo", tracking_number=f"HP-{parcel.pk}", by=None, at=at)


def forget_the_mark() -> None:
    """Leave the exchange as it was kept before it had days of its own."""
    without_triggers("orders_parcelplan")
    ParcelPlan.objects.all().delete()
    Parcel.objects.filter(number=2).update(due_at=None)


# -- The order's promise --------------------------------------------------------------------------------------------


def test_an_order_that_arrived_in_time_is_not_late_for_its_exchange(now: datetime) -> None:
    order = delivered(now)
    line = sent_instead(in_exchange(order, at=now + 2 * DAY), at=now + 2 * DAY)

    note_delay(order_id=order.pk, at=now + 9 * DAY)

    order.refresh_from_db()
    assert line.kind == "instead"
    assert (DelayCase.objects.count(), order.promises.count(), order.service_status) == (0, 1, "ok")
    assert our_breaches() == []


def test_without_its_mark_the_exchange_would_count(now: datetime) -> None:
    order = delivered(now)
    sent_instead(in_exchange(order, at=now + 2 * DAY), at=now + 2 * DAY)
    forget_the_mark()

    note_delay(order_id=order.pk, at=now + 9 * DAY)

    assert DelayCase.objects.count() == 1


def test_an_order_has_arrived_once_what_was_sold_has(now: datetime) -> None:
    order = placed_order(at=now, quantity=2)
    first = Parcel.objects.get()
    second = split_parcel(parcel_id=first.pk, first={first.lines.get().line_id: 1}, by=None, at=now)
    scan(gone(first, at=now), "delivered", now + DAY)
    sent_instead(in_exchange(order, at=now + DAY), at=now + DAY)

    scan(gone(second, at=now), "delivered", now + 2 * DAY, external_id="second")

    order.refresh_from_db()
    assert (order.delivered_at, PromiseOutcome.objects.get().kept_first) == (now + 2 * DAY, True)
    assert our_breaches() == []


def test_waiting_for_a_piece_of_an_exchange_leaves_the_promise_alone(now: datetime) -> None:
    order = delivered(now)
    parcel = in_exchange(order, at=now + 2 * DAY)
    case = missing(parcel, at=now + 2 * DAY)
    arrivals.announce_arrival(
        level_id=StockLevel.objects.get(variant=case.line.variant_id).pk,
        pieces=1,
        expected_on=(now + 9 * DAY).date(),
        source=StockArrival.Source.PRODUCTION,
        note="",
        by=None,
        at=now,
    )

    choosing.choose_later(case_id=case.pk, order_id=order.pk, by=None, at=now + 2 * DAY)

    first, later = ParcelPlan.objects.order_by("version")
    assert (first.parcel_id, later.parcel_id, order.promises.count()) == (parcel.pk, parcel.pk, 1)
    assert later.deliver_by_on > first.deliver_by_on


# -- What the old count left behind ---------------------------------------------------------------------------------


def test_a_delay_left_open_for_an_exchange_is_settled_by_the_watch(now: datetime) -> None:
    order = delivered(now)
    sent_instead(in_exchange(order, at=now + 2 * DAY), at=now + 2 * DAY)
    forget_the_mark()
    note_delay(order_id=order.pk, at=now + 9 * DAY)
    assert DelayCase.objects.get().settled_at is None

    migrate("0034_keep_exchanges_out_of_promises", at=now)
    watch_promises(now + 10 * DAY)

    order.refresh_from_db()
    case = DelayCase.objects.get()
    case.new_promise.told_at = now + 9 * DAY
    case.new_promise.save()
    assert (case.settled_at, order.service_status) == (now + 10 * DAY, "ok")
    assert Parcel.objects.get(number=2).due_at is not None
    assert count_told_too_late(now + 10 * DAY) == 0
    assert our_breaches() == []


def test_an_arrival_left_unnoticed_for_an_exchange_is_noticed_by_the_watch(now: datetime) -> None:
    order = delivered(now)
    sent_instead(in_exchange(order, at=now + 2 * DAY), at=now + 2 * DAY)
    PromiseOutcome.objects.all().delete()
    Order.objects.update(delivered_at=None)  # as it was counted before

    migrate("0034_keep_exchanges_out_of_promises", at=now)
    watch_promises(now + 10 * DAY)

    order.refresh_from_db()
    assert (order.delivered_at, order.service_status, PromiseOutcome.objects.count()) == (now + DAY, "ok", 1)
    assert our_breaches() == []


def migrate(name: str, *, at: datetime) -> None:
    """Run the statements of a data migration again."""
    with connection.cursor() as cursor:
        for statement in import_module(f"orders.migrations.{name}").STATEMENTS:
            cursor.execute(statement)
    Order.objects.exclude(watch_at=None).update(watch_at=at)  # the database's clock is another one than the test's


# -- The exchange's own days ----------------------------------------------------------------------------------------


def test_the_days_of_an_exchange_are_watched_and_told_before_they_are_over(now: datetime) -> None:
    order = delivered(now)
    parcel = in_exchange(order, at=now + 2 * DAY)
    plan = ParcelPlan.objects.get()
    order.refresh_from_db()
    assert (order.next_due_kind, order.next_due_at, order.watch_at) == ("pack", plan.pack_by_at, now + 2 * DAY)
    at = plan.hand_over_by_at + timedelta(hours=1)
    Order.objects.update(watch_at=at)

    watch_promises(at)
    watch_promises(at)

    order.refresh_from_db()
    renewed = ParcelPlan.objects.get(version=2)
    told = Event.objects.get(name="orders.parcel.delayed")
    assert (told.payload["plan_id"], told.payload["old_plan_id"]) == (renewed.pk, plan.pk)
    assert (renewed.parcel_id, at < plan.breaks_at < renewed.breaks_at) == (parcel.pk, True)
    assert (order.service_status, order.watch_at is not None, DelayCase.objects.count()) == ("ok", True, 0)
    assert our_breaches() == []


def test_an_exchange_that_has_arrived_is_watched_no_more(now: datetime) -> None:
    order = delivered(now)
    parcel = in_exchange(order, at=now + 2 * DAY)

    scan(gone(parcel, at=now + 3 * DAY), "delivered", now + 4 * DAY)
    note_delay(order_id=order.pk, at=now + 9 * DAY)

    order.refresh_from_db()
    assert (order.watch_at, order.next_due_at, ParcelPlan.objects.count()) == (None, None, 1)


def test_a_service_learns_from_orders_that_had_an_exchange(now: datetime) -> None:
    order = delivered(now)
    in_exchange(order, at=now + 2 * DAY)

    assert [trip.delivered_on for trip in trips_of(order.service, since=now - DAY)] == [(now + DAY).date()]
