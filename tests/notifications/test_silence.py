"""An open order hears of us in time, once, and only when nothing else was said."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from notifications.models import Message, Quiet
from notifications.operations import silence
from notifications.operations.silence import begin_to_count, break_silence
from orders.models import Order, Parcel
from shop.models import Event
from shop.operations.events import relay_events
from tests.factories.notifications import handed_over, queued, told
from tests.factories.orders import placed_order
from tests.pages import words

pytestmark = pytest.mark.django_db

NOTE = "notifications.silence.broken"


@pytest.fixture
def at() -> datetime:
    return timezone.now()


def quiet_order(at: datetime, **fields: object) -> Order:
    """An order placed two weeks ago that nobody has written about since; its turn has come."""
    order = placed_order(at=at - timedelta(days=14), **fields)
    begin_to_count(order_id=order.pk, at=at - timedelta(days=14))
    return order


def notes() -> int:
    return Event.objects.filter(name=NOTE).count()


def test_a_placed_order_is_counted_from_its_confirmation_on(at: datetime) -> None:
    order = placed_order(at=at)
    for _twice in range(2):
        told(order, "orders.order.placed", at=at, promise_id=order.promises.get().pk)
    while relay_events(timezone.now()):
        pass

    quiet = Quiet.objects.get()
    assert quiet.order == order
    assert quiet.due_at > at + timedelta(days=4)
    assert break_silence(at) == 0


def test_a_long_silence_is_broken_once_with_where_it_stands_and_when_the_next_word_comes(at: datetime) -> None:
    order = quiet_order(at)

    assert [break_silence(at) for _run in range(3)] == [1, 0, 0]
    while relay_events(timezone.now()):
        pass

    quiet = Quiet.objects.get()
    assert (notes(), quiet.notes) == (1, 1)
    assert quiet.due_at > at + timedelta(days=4)
    message = Message.objects.get(kind="where_it_stands")
    assert message.order_number == order.number
    assert "It is with us and being made ready." in message.text
    assert "There is no other news." in words(message.text)


@pytest.mark.parametrize("state", ["sent", "queued"])
def test_any_other_word_moves_the_turn_on(at: datetime, state: str) -> None:
    order = quiet_order(at)
    event = told(order, "orders.parcel.packed", at=at)
    queued(event, kind="order_packed", state=state, sent_at=at - timedelta(hours=1) if state == "sent" else None)

    assert break_silence(at) == 1

    assert notes() == 0
    assert Quiet.objects.get().due_at > at + timedelta(minutes=20)


def test_without_looking_at_other_words_she_is_told_twice(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    order = quiet_order(at)
    queued(told(order, "orders.parcel.packed", at=at), kind="order_packed", state="sent", sent_at=at)
    monkeypatch.setattr(silence, "Message", BlindToMessages)

    break_silence(at)

    assert notes() == 1


class BlindToMessages:
    """What went out, seen by nobody."""

    objects = Message.objects.none()


@pytest.mark.parametrize("ended", ["delivered", "cancelled"])
def test_what_has_arrived_or_ended_is_counted_no_longer(at: datetime, ended: str) -> None:
    order = quiet_order(at)
    change = {"delivered_at": at} if ended == "delivered" else {"status": "cancelled"}
    Order.objects.filter(pk=order.pk).update(**change)

    assert break_silence(at) == 1

    assert (notes(), Quiet.objects.count()) == (0, 0)


def test_on_the_road_it_says_what_was_heard_last(at: datetime) -> None:
    order = quiet_order(at)
    handed_over(order)
    Order.objects.filter(pk=order.pk).update(fulfilment_status="handed_over")
    Parcel.objects.update(last_scan_at=datetime(2026, 3, 4, 12, tzinfo=at.tzinfo))
    break_silence(at)
    while relay_events(timezone.now()):
        pass

    text = Message.objects.get(kind="where_it_stands").text
    assert "The last stop we heard of was on Wednesday 4 March." in text


def test_a_row_that_cannot_be_judged_stops_nobody(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet_order(at)
    quiet_order(at, number="KP-2", email="rui@example.com")
    honest, bad = silence._look, Quiet.objects.order_by("id")[0].pk

    def look(quiet_id: int, when: datetime) -> None:
        if quiet_id == bad:
            raise ValueError
        honest(quiet_id, when)

    monkeypatch.setattr(silence, "_look", look)

    assert break_silence(at) == 2
    assert notes() == 1
