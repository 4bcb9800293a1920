"""Each rule sees the breach it is there for, and nothing else does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from notifications.models import Attempt, Message, Quiet, Suppression
from orders.models import DelayCase, Parcel, Promise
from orders.operations.promising import note_told
from shop.models import Event, EventDelivery
from shop.operations.events import relay_events
from shop.queries.audit import breaches
from tests.breaches import sql, without_triggers
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
    note_told(promise_id=Promise.objects.get().pk, at=now)

    assert codes() == []


def test_n01_sees_an_event_without_a_message(now: datetime) -> None:
    event_for("order_placed", at=now)
    EventDelivery.objects.update(state="done")

    assert codes() == ["N01", "N10"]


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


def late_and_untold(now: datetime) -> Event:
    """A delay noticed eleven minutes ago, of a promise whose day ended five minutes ago."""
    moment = timezone.now()
    event = event_for("order_delayed", at=moment - timedelta(minutes=11))
    EventDelivery.objects.all().delete()
    DelayCase.objects.update(noticed_at=moment - timedelta(minutes=11))
    without_triggers("orders_promise")
    sql("UPDATE orders_promise SET breaks_at = now() - interval '5 minutes' WHERE version = 1")
    return event


def test_n06_sees_a_day_that_passed_without_a_word(now: datetime) -> None:
    late_and_untold(now)
    assert codes() == ["N06"]

    sql("UPDATE orders_promise SET breaks_at = now() + interval '5 minutes' WHERE version = 1")

    assert codes() == []  # the day is not over: there is time to tell


@pytest.mark.parametrize(
    ("fate", "seen"),
    [
        ({"state": "queued"}, ["N06"]),
        ({"state": "failed", "reason": "No such mailbox"}, []),
        ({"state": "suppressed", "reason": "The order was cancelled meanwhile."}, []),
        ({"state": "sent", "sent_at": timezone.now(), "unconfirmed_at": timezone.now()}, []),
    ],
)
def test_n06_leaves_out_what_staff_see_anyway(now: datetime, fate: dict[str, object], seen: list[str]) -> None:
    queued(late_and_untold(now), kind="order_delayed", **fate)

    assert codes() == seen


def test_n06_leaves_out_who_was_told(now: datetime) -> None:
    event = late_and_untold(now)
    message = queued(event, kind="order_delayed", state="sent", sent_at=timezone.now())
    Attempt.objects.create(message=message, number=1, outcome="accepted")
    note_told(promise_id=event.payload["promise_id"], at=timezone.now())

    assert codes() == []


def test_n07_sees_a_promise_told_by_no_message(now: datetime) -> None:
    placed_order(at=now)

    sql("UPDATE orders_promise SET told_at = now()")

    assert codes() == ["N07"]


def test_n07_sees_a_message_taken_that_told_nobody(now: datetime) -> None:
    event = event_for("order_placed", at=now)
    message = queued(event, state="sent", sent_at=now)
    Attempt.objects.create(message=message, number=1, outcome="accepted")

    assert codes() == ["N07"]


def test_n08_sees_news_in_a_letter_that_never_goes(now: datetime) -> None:
    event = told(placed_order(at=now), "orders.order.placed", at=now)
    letter = queued(event, kind="bundle", due_at=timezone.now())
    queued(event, kind="order_packed", state="bundled", told_in=letter)
    assert codes() == []

    Message.objects.filter(pk=letter.pk).update(state="suppressed", reason="Taken apart.")

    assert codes() == ["N08"]


def test_n09_sees_a_message_to_a_closed_address(now: datetime) -> None:
    message = queued(told(placed_order(at=now), "orders.link.requested", at=now), state="sent", sent_at=now)
    Attempt.objects.create(message=message, number=1, outcome="accepted")
    row = Suppression.objects.create(
        channel="email", address="ANA@example.com", cause="bounced", since=now - timedelta(minutes=6)
    )
    assert codes() == ["N09"]

    row.since = now - timedelta(minutes=4)  # it was on the line already
    row.save()

    assert codes() == []


def test_n10_sees_a_silence_that_is_overdue_put_off_or_not_counted() -> None:
    at = timezone.now()
    order = placed_order(at=at)
    told(order, "orders.order.placed", at=at, promise_id=order.promises.get().pk)
    while relay_events(timezone.now()):
        pass
    assert codes() == []

    for due_in in (timedelta(hours=-3), timedelta(days=40)):
        Quiet.objects.update(due_at=timezone.now() + due_in)
        assert codes() == ["N10"]
    Quiet.objects.all().delete()
    assert codes() == ["N10"]
