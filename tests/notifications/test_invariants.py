"""Each rule sees the breach it is there for, and nothing else does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from notifications.models import Attempt, Message
from orders.models import Parcel
from shop.models import EventDelivery
from shop.operations.events import relay_events
from shop.queries.audit import breaches
from tests.factories.notifications import event_for, handed_over, queued, told
from tests.factories.orders import placed_order

pytestmark = pytest.mark.django_db


def codes() -> list[str]:
    return [breach.code for breach in breaches() if breach.code.startswith("N")]


def test_an_ordinary_day_breaks_no_rule(now: datetime) -> None:
    event_for("order_placed", at=now)
    relay_events(now)
    message = Message.objects.get()
    Attempt.objects.create(message=message, number=1, outcome="accepted")
    Message.objects.update(state="sent", sent_at=now)

    assert codes() == []


def test_n01_sees_an_event_without_a_message(now: datetime) -> None:
    event_for("order_placed", at=now)
    EventDelivery.objects.update(state="done")

    assert codes() == ["N01"]


def test_n02_sees_an_abandoned_lease(now: datetime) -> None:
    event = told(placed_order(at=now), "orders.order.placed", at=now)
    queued(event, state="claimed", lease_until=timezone.now() - timedelta(seconds=90))

    assert codes() == ["N02"]


def test_n03_sees_a_sent_message_nobody_accepted_unless_it_is_shown(now: datetime) -> None:
    event = told(placed_order(at=now), "orders.order.placed", at=now)
    message = queued(event, state="sent", sent_at=now)
    assert codes() == ["N03"]

    Message.objects.filter(pk=message.pk).update(unconfirmed_at=now)

    assert codes() == []


def test_n03_sees_a_message_accepted_twice(now: datetime) -> None:
    message = queued(told(placed_order(at=now), "orders.order.placed", at=now), state="sent", sent_at=now)
    for number in (1, 2):
        Attempt.objects.create(message=message, number=number, outcome="accepted")

    assert codes() == ["N03"]


def test_n04_sees_an_overdue_message_but_not_the_ones_behind_it(now: datetime) -> None:
    order = placed_order(at=now)
    for _message in range(3):
        queued(told(order, "orders.order.placed", at=now), due_at=timezone.now() - timedelta(minutes=11))

    assert codes() == ["N04"]


def test_n05_sees_on_its_way_after_it_has_arrived(now: datetime) -> None:
    order = placed_order(at=now)
    parcel = handed_over(order, Parcel.Status.DELIVERED)
    for name, minutes in (("orders.parcel.handed-over", 5), ("orders.parcel.delivered", 1)):
        message = queued(
            told(order, name, at=now, parcel_id=parcel.pk), state="sent", sent_at=now + timedelta(minutes=minutes)
        )
        Attempt.objects.create(message=message, number=1, outcome="accepted")

    assert codes() == ["N05"]
