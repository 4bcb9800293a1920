"""Late before late: one notice a new estimate, before the promised day has passed, never after delivery."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from orders.messages.reasons import sentence
from orders.models import DelayCase, Order, Parcel, Promise
from orders.operations.delays import note_delay, watch_promises
from orders.rules.tracking import REASON_ACTOR
from shop.models import BusinessCalendar, CalendarException, Event
from tests.factories.orders import placed_order, service_level
from tests.factories.shop import calendar
from tests.orders.test_operations_fulfilment import events_of, handed_over, our_breaches, scan

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 3, 6)


def delayed_events(order: Order) -> int:
    return events_of(order).count("orders.order.delayed")


def late_parcel(now: datetime, number: str = "KP-2041-7736") -> tuple[Order, Parcel]:
    """Promised until Thursday 5 March; on Wednesday the courier says Friday because of the weather."""
    order = placed_order(at=now, number=number)
    parcel = handed_over(order, now, number=f"HP-{number}")
    scan(parcel, "accepted", now + timedelta(hours=1), external_id=f"a-{number}")
    held_at = now + timedelta(days=2)
    scan(parcel, "held", held_at, external_id=f"h-{number}", reason="weather", eta_on=FRIDAY)
    return order, parcel


def test_watch_promises_tells_once_before_the_promised_day_has_passed(now: datetime) -> None:
    order, _parcel = late_parcel(now)
    at = now + timedelta(days=2, minutes=1)

    for _run in range(3):
        watch_promises(at)

    order.refresh_from_db()
    case = DelayCase.objects.get()
    first, second = Promise.objects.order_by("version")
    assert (case.cause, case.round, case.noticed_at) == ("weather", 1, at)
    assert case.noticed_at < first.breaks_at
    assert (second.version, second.source, second.made_at) == (2, "courier", at)
    assert (second.deliver_from_on, second.deliver_by_on) == (FRIDAY, date(2026, 3, 7))
    assert second.reason == case.reason == "Heavy weather slowed the roads, and the van had to wait."
    assert (order.service_status, order.next_due_at) == ("late", second.breaks_at)
    assert delayed_events(order) == 1
    assert Event.objects.get(name="orders.order.delayed").payload == {
        "order_id": order.pk,
        "delay_id": case.pk,
        "promise_id": second.pk,
        "old_promise_id": first.pk,
    }
    assert our_breaches() == []


def test_note_delay_tells_a_second_delay_as_the_next_round(now: datetime) -> None:
    order, parcel = late_parcel(now)
    note_delay(order_id=order.pk, at=now + timedelta(days=2))
    scan(parcel, "held", now + timedelta(days=3), reason="vehicle", eta_on=date(2026, 3, 10))

    case = note_delay(order_id=order.pk, at=now + timedelta(days=3))

    assert case is not None
    assert (case.round, case.cause, case.broken_promise.version, case.new_promise.version) == (2, "carrier", 2, 3)
    assert delayed_events(order) == 2


def test_note_delay_keeps_still_about_a_day_already_told(now: datetime) -> None:
    order, parcel = late_parcel(now)
    note_delay(order_id=order.pk, at=now + timedelta(days=2))
    scan(parcel, "in_transit", now + timedelta(days=2, hours=6), eta_on=date(2026, 3, 7))

    assert note_delay(order_id=order.pk, at=now + timedelta(days=2, hours=6)) is None
    assert delayed_events(order) == 1


def test_note_delay_never_speaks_after_delivery(now: datetime) -> None:
    order, parcel = late_parcel(now)
    scan(parcel, "delivered", now + timedelta(days=2, hours=2))

    assert watch_promises(now + timedelta(days=9)) == 0
    assert note_delay(order_id=order.pk, at=now + timedelta(days=9)) is None
    assert (DelayCase.objects.count(), delayed_events(order)) == (0, 0)


def test_a_delayed_parcel_that_arrives_settles_its_case(now: datetime) -> None:
    order, parcel = late_parcel(now)
    note_delay(order_id=order.pk, at=now + timedelta(days=2))

    scan(parcel, "delivered", now + timedelta(days=3))

    order.refresh_from_db()
    assert DelayCase.objects.get().settled_at == now + timedelta(days=3)
    assert order.service_status == "ok"  # it made it after all: the first promise decides
    assert our_breaches() == []


def test_watch_promises_finds_the_order_nobody_packed(now: datetime) -> None:
    order = placed_order(at=now)

    watch_promises(now + timedelta(hours=9))
    order.refresh_from_db()
    assert (order.service_status, DelayCase.objects.count()) == ("at_risk", 0)
    watch_promises(now + timedelta(days=1, hours=1))

    order.refresh_from_db()
    case = DelayCase.objects.get()
    assert (case.cause, order.service_status) == ("workshop", "late")
    assert case.new_promise.hand_over_by_at == order.promises.get(version=2).hand_over_by_at
    assert order.next_due_at == case.new_promise.pack_by_at
    assert case.new_promise.deliver_by_on == date(2026, 3, 9)


def test_watch_promises_asks_after_a_silent_parcel(now: datetime) -> None:
    order = placed_order(at=now)
    parcel = handed_over(order, now)
    scan(parcel, "accepted", now + timedelta(hours=1))

    watch_promises(now + timedelta(days=3))

    assert DelayCase.objects.get().cause == "silence"
    assert DelayCase.objects.get().noticed_at < Promise.objects.get(version=1).breaks_at


@pytest.mark.parametrize("days_with_us", [0, 1])
def test_a_sunday_that_was_known_is_no_second_delay(now: datetime, days_with_us: int) -> None:
    """On the road since Friday or Saturday, delayed on Monday: the Sunday between was closed when either was told."""
    friday, monday = now + timedelta(days=4), now + timedelta(days=7)
    order = placed_order(at=friday)
    parcel = handed_over(order, friday + timedelta(days=days_with_us))
    scan(parcel, "held", monday, external_id="h", reason="weather", eta_on=date(2026, 3, 11))
    note_delay(order_id=order.pk, at=monday)

    scan(parcel, "in_transit", monday + timedelta(hours=20), external_id="t")
    note_delay(order_id=order.pk, at=monday + timedelta(hours=20))

    assert delayed_events(order) == 1
    assert order.promises.count() == 2


def test_renewed_range_skips_a_closed_day(now: datetime) -> None:
    order, _parcel = late_parcel(now)
    CalendarException.objects.create(
        calendar=order.service.destination_calendar,
        first_on=FRIDAY,
        last_on=FRIDAY,
        kind="closed",
        public_reason="Town fair",
    )
    BusinessCalendar.objects.update(version=2)

    note_delay(order_id=order.pk, at=now + timedelta(days=2))

    renewed = Promise.objects.get(version=2)
    assert (renewed.deliver_from_on, renewed.deliver_by_on) == (date(2026, 3, 7), date(2026, 3, 9))
    assert ["2026-03-06", "Town fair"] in renewed.basis["steps"][0]["skipped"]


def test_watch_promises_does_not_look_at_quiet_orders(now: datetime) -> None:
    placed_order(at=now)

    assert watch_promises(now) == 0


def test_watch_promises_puts_off_an_order_it_cannot_judge(now: datetime) -> None:
    bad, _ = late_parcel(now)
    good, _ = late_parcel(now, number="KP-2")
    at = now + timedelta(days=2, minutes=1)
    closed = service_level("closed-pt")
    closed.carrier_calendar = calendar("never", "carrier", weekdays=range(0))
    closed.save()
    Order.objects.filter(pk=bad.pk).update(service=closed)

    assert watch_promises(at) == 2

    bad.refresh_from_db()
    assert (delayed_events(bad), delayed_events(good)) == (0, 1)
    assert bad.watch_at == at + timedelta(minutes=15)


@pytest.mark.parametrize("orders", [1, 3])
def test_watch_promises_costs_the_same_for_each_order(now: datetime, orders: int) -> None:
    for number in range(orders):
        placed_order(at=now, number=f"KP-{number}")
    for number in range(orders):
        placed_order(at=now + timedelta(days=9), number=f"KQ-{number}")  # not due, must cost nothing
    watch_promises(now + timedelta(hours=9))  # warms the calendars
    Order.objects.filter(number__startswith="KP").update(watch_at=now)

    with CaptureQueriesContext(connection) as queries:
        assert watch_promises(now + timedelta(hours=9, minutes=1)) == orders

    assert len(queries) == 1 + 8 * orders


def test_watch_promises_uses_its_index(now: datetime) -> None:
    due = Order.objects.filter(status="placed", watch_at__lte=now).order_by("watch_at", "id")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert "order_watch" in due[:50].explain()


def test_sentence_knows_every_reason_a_courier_may_give() -> None:
    told = {code: sentence(reason_code=code, locale="en") for code in REASON_ACTOR}

    assert len(set(told.values())) == len(REASON_ACTOR)
    assert sentence(reason_code="nobody-wrote-this", locale="en") == sentence(reason_code="later", locale="en")


def test_a_promise_cannot_be_rewritten(now: datetime) -> None:
    order, _parcel = late_parcel(now)
    note_delay(order_id=order.pk, at=now + timedelta(days=2))

    with pytest.raises(IntegrityError), transaction.atomic():
        Promise.objects.filter(version=1).update(deliver_by_on=FRIDAY)
