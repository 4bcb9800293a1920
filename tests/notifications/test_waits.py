"""Nor does she wait without a word for what is open once her order has arrived: exchange, return, money, answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event as Signal

import pytest
from django.utils import timezone

from notifications.messages.where_it_stands import KIND
from notifications.models import Message, Quiet
from notifications.operations import silence
from notifications.operations.silence import begin_to_count, break_silence
from notifications.queries.standing import standings
from notifications.rules import standing
from orders.models import Order, Parcel, RefundGrant
from orders.operations.exchanging import add_exchange
from returns.models import ReturnCase
from shop.models import Event
from shop.operations.events import relay_events
from shop.queries.audit import breaches
from support.models import Conversation
from tests.crowds import together
from tests.factories.notifications import conversation, queued, refund, told
from tests.factories.returns import delivered_order, requested
from tests.factories.shop import VariantFactory
from tests.pages import words

pytestmark = pytest.mark.django_db

NOTE = "notifications.silence.broken"
DAY = timedelta(days=1)


def exchange(order: Order, at: datetime) -> None:
    line = order.lines.order_by("id")[0]
    other = VariantFactory(stock=3).pk
    add_exchange(order_id=order.pk, exchange_of_id=line.pk, variant_id=other, quantity=1, key="x", by=None, at=at)


def asked_back(order: Order, at: datetime) -> None:
    requested(order, at=at)


def back(order: Order, at: datetime) -> None:
    requested(order, at=at)
    ReturnCase.objects.update(status="received", decided_at=at, received_at=at, due_on=(at + 40 * DAY).date())


def money(order: Order, at: datetime) -> None:
    refund(order, at=at, state=RefundGrant.State.BY_HAND)


def question(order: Order, at: datetime) -> None:
    conversation(at=at, order=order, email=order.email.upper())


def settle_all() -> None:
    """What was open is open no longer."""
    Parcel.objects.exclude(status="delivered").update(status="cancelled")
    ReturnCase.objects.update(status="withdrawn", received_at=None)
    RefundGrant.objects.update(state="sent")
    Conversation.objects.update(waiting_since=None)


Opens = Callable[[Order, datetime], None]
OPEN = {
    exchange: ("Your exchange for ", "(1 × ", ") is with us and being made ready. It arrives "),
    asked_back: ("Where your return ", "We had said we would answer about your return ", "We are sorry."),
    back: ("Where your return ", " has been with us since ", "We look at it and settle it by "),
    money: ("Your money back for ", "We had said €5.00 would leave us by ", "your bank then needs up to four days"),
    question: ("Your question about ", "You wrote to us: “Where is my mug?”.", "We are sorry."),
}


@pytest.fixture
def at() -> datetime:
    return timezone.now()


def silent_order(at: datetime, opens: Opens) -> Order:
    """An order that arrived weeks ago; since then something is open of it, and its turn has come."""
    order = delivered_order(at=at - 25 * DAY)
    opens(order, at if opens is exchange else at - 15 * DAY)
    begin_to_count(order_id=order.pk, at=at - 15 * DAY)
    Quiet.objects.update(due_at=at - timedelta(hours=1))
    return order


def relayed() -> None:
    while relay_events(timezone.now()):
        pass


@pytest.mark.parametrize("opens", OPEN)
def test_what_is_open_after_arrival_is_told_once_and_counted_until_it_is_settled(opens: Opens, at: datetime) -> None:
    order = silent_order(at, opens)

    assert [break_silence(at) for _run in range(2)] == [1, 0]
    relayed()

    note = Message.objects.get(kind="where_it_stands")
    headline, *sentences = OPEN[opens]
    assert (note.order_number, note.state) == (order.number, "queued")
    assert note.subject.startswith(headline)
    assert [sentence for sentence in sentences if sentence not in words(note.text)] == []
    assert "still arrives" not in note.text

    settle_all()
    Quiet.objects.update(due_at=at - timedelta(hours=1))
    break_silence(at)
    assert (Event.objects.filter(name=NOTE).count(), Quiet.objects.count()) == (1, 0)


def test_whose_turn_it_is_decides(at: datetime) -> None:
    order = silent_order(at, asked_back)
    ReturnCase.objects.update(status="approved", decided_at=at, due_on=None)
    conversation(at=at, order=order, email="stranger@example.com")
    refund(order, at=at, state=RefundGrant.State.ASKED)

    break_silence(at)

    assert (Event.objects.filter(name=NOTE).count(), Quiet.objects.count()) == (0, 0)


@pytest.mark.parametrize("opens", [exchange, asked_back, question])
def test_an_arrived_order_is_counted_again_from_the_moment_something_opens(opens: Opens, at: datetime) -> None:
    order = delivered_order(at=at - 25 * DAY)
    assert Quiet.objects.count() == 0
    opens(order, at)
    if opens is question:
        told(order, "support.conversation.opened", at=at, conversation_id=Conversation.objects.get().pk)

    relayed()

    assert Quiet.objects.get().order == order
    assert Quiet.objects.get().due_at > at + 4 * DAY


def test_n10_sees_a_wait_nobody_counts(at: datetime) -> None:
    order = delivered_order(at=at - 25 * DAY)
    asked_back(order, at)
    relayed()
    assert "N10" not in {breach.code for breach in breaches()}

    Quiet.objects.all().delete()
    assert "N10" in {breach.code for breach in breaches()}

    settle_all()
    assert "N10" not in {breach.code for breach in breaches()}


def note_of(order: Order, at: datetime) -> Message:
    break_silence(at)
    relayed()
    return Message.objects.select_related("event").get(kind="where_it_stands", order_number=order.number)


def test_a_note_is_held_back_once_other_news_went_out_or_it_is_not_true_any_more(at: datetime) -> None:
    note = note_of(silent_order(at, asked_back), at)
    reason = lambda: KIND.outdated(standings([note], at)[note.pk])  # noqa: E731 -- asked four times
    assert reason() == ""

    other = queued(note.event, kind="order_changed", order_number=note.order_number, state="sent", sent_at=at + DAY)
    assert reason() == standing.TOLD_SINCE
    other.delete()
    ReturnCase.objects.update(status="approved", decided_at=at, due_on=None)
    assert reason() == standing.MATTER_MOVED_ON
    settle_all()
    assert reason() == standing.MATTER_MOVED_ON


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False])
def test_what_opens_while_the_last_look_takes_the_order_off_is_counted(
    locked: bool, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look has read that nothing is open; a return opens; the look takes the order off.  Without the lock: lost."""
    order = silent_order(at, asked_back)
    settle_all()
    looked, counted = Signal(), Signal()
    honest = silence.open_matters

    def read(order_ids: list[int]) -> object:
        found = honest(order_ids)
        looked.set()
        counted.wait(1)  # with the lock nobody can count before the look has ended
        return found

    def count() -> None:
        looked.wait(5)
        ReturnCase.objects.update(status="requested")
        begin_to_count(order_id=order.pk, at=at)
        counted.set()

    monkeypatch.setattr(silence, "open_matters", read)
    if not locked:
        monkeypatch.setattr(Quiet.objects, "select_for_update", Quiet.objects.all, raising=False)
    assert together(lambda: break_silence(at), count) == [1, None]

    assert Quiet.objects.count() == (1 if locked else 0)
