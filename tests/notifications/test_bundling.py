"""Small news of one order travels in one letter; each piece keeps its row, its truth and its bounded wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from notifications.models import Message
from notifications.operations.bundling import bundle_small_news
from notifications.operations.composing import compose_messages
from notifications.operations.sending import send_messages
from orders.models import Order, Parcel
from shop.models import Event
from shop.queries.audit import breaches
from tests.factories.notifications import event_for, refund, told
from tests.factories.orders import placed_order
from tests.faults.harness import SmtpPeer

pytestmark = pytest.mark.django_db


@pytest.fixture
def peer(settings: Settings) -> Iterator[SmtpPeer]:
    with SmtpPeer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 20
        yield server


def two_pieces(at: datetime, order: Order | None = None) -> tuple[Message, Message]:
    """Packed, and some money back: two pieces of small news about one order."""
    order = order or placed_order(at=at)
    packed = event_for("order_packed", at=at, order=order)
    compose_messages(event=packed, at=at)
    granted = event_for("refund_granted", at=at, order=order)
    compose_messages(event=granted, at=at + timedelta(minutes=4))
    first, second = Message.objects.filter(order_number=order.number).order_by("id")
    return first, second


def broken() -> list[str]:
    """The rules of messages that do not hold, but for the wait that the tests' clock makes of a pause."""
    return [breach.code for breach in breaches() if breach.code[0] == "N" and breach.code != "N04"]


def due(minutes: int, of: datetime) -> datetime:
    return of + timedelta(minutes=minutes)


def test_small_news_waits_a_quarter_of_an_hour_and_then_travels_together(peer: SmtpPeer, now: datetime) -> None:
    first, second = two_pieces(now)
    assert (first.due_at, second.due_at) == (due(15, now), due(19, now))
    assert bundle_small_news(due(14, now)) == 0

    send_messages(due(15, now))

    first.refresh_from_db()
    second.refresh_from_db()
    letter = Message.objects.get(kind="bundle")
    assert [first.state, second.state, letter.state] == ["bundled", "bundled", "sent"]
    assert first.told_in == second.told_in == letter
    (mail,) = peer.accepted
    assert mail["Subject"] == "KP-2041-7736 is packed: arrives Wed 4 – Thu 5 March – and one more piece of news"
    for text in (letter.text, letter.html):
        for piece in (first, second):
            assert piece.subject in text
    assert first.brief.strip() in letter.text
    assert second.brief.strip() in letter.text
    assert letter.text.count("Any question?") == 1
    assert "Hello Ana," in letter.text
    assert broken() == []


def test_a_piece_alone_goes_by_itself(peer: SmtpPeer, now: datetime) -> None:
    compose_messages(event=event_for("order_packed", at=now), at=now)

    send_messages(due(15, now))

    assert Message.objects.values_list("kind", "state").get() == ("order_packed", "sent")


def test_news_of_two_orders_travels_apart(peer: SmtpPeer, now: datetime) -> None:
    for number in ("KP-1", "KP-2"):
        compose_messages(event=event_for("order_packed", at=now, order=placed_order(at=now, number=number)), at=now)

    send_messages(due(15, now))

    assert len(peer.accepted) == 2
    assert not Message.objects.filter(kind="bundle").exists()


def test_what_is_no_longer_true_does_not_travel_along(peer: SmtpPeer, now: datetime) -> None:
    first, second = two_pieces(now)
    Parcel.objects.update(status="handed_over", tracking_number="DP1")

    send_messages(due(19, now))

    first.refresh_from_db()
    second.refresh_from_db()
    assert [first.state, second.state] == ["suppressed", "sent"]


def test_a_letter_whose_news_changed_while_it_waited_is_taken_apart(peer: SmtpPeer, now: datetime) -> None:
    first, second = two_pieces(now)
    bundle_small_news(due(15, now))
    Parcel.objects.update(status="handed_over", tracking_number="DP1")

    send_messages(due(16, now))
    send_messages(due(20, now))

    first.refresh_from_db()
    second.refresh_from_db()
    assert [first.state, second.state, Message.objects.get(kind="bundle").state] == ["suppressed", "sent", "suppressed"]
    assert [mail["Subject"] for mail in peer.accepted] == [second.subject]
    assert broken() == []


def test_important_news_overtakes_small_news_that_waits(peer: SmtpPeer) -> None:
    now = timezone.now()  # a claim goes by the database's clock
    order = placed_order(at=now)
    compose_messages(event=event_for("order_packed", at=now, order=order), at=now)
    compose_messages(event=event_for("order_delayed", at=now, order=order), at=now)

    send_messages(now)

    assert list(Message.objects.order_by("id").values_list("kind", "state")) == [
        ("order_packed", "queued"), ("order_delayed", "sent"),
    ]  # fmt: skip


def test_without_small_news_the_question_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert bundle_small_news(timezone.now()) == 0


def again(event: Event, at: datetime) -> str:
    compose_messages(event=event, at=at)
    return Message.objects.get(event=event).state


def test_the_same_facts_are_told_once(now: datetime) -> None:
    order = placed_order(at=now)
    grant = refund(order, at=now)
    events = [told(order, "orders.refund.granted", at=now, grant_id=grant.pk) for _time in range(2)]

    assert [again(event, now) for event in events] == ["queued", "suppressed"]

    assert Message.objects.get(event=events[1]).reason == "She was told the same before."


def test_other_facts_and_what_did_not_arrive_are_told(now: datetime) -> None:
    order = placed_order(at=now)
    grant = refund(order, at=now)
    first, second, third = (told(order, "orders.refund.granted", at=now, grant_id=grant.pk) for _time in range(3))
    again(first, now)
    Message.objects.update(state="failed")
    assert again(second, now) == "queued"
    type(grant).objects.update(amount_minor=700)

    assert again(third, now) == "queued"


def test_a_link_she_asks_for_twice_comes_twice(now: datetime) -> None:
    order = placed_order(at=now)
    events = [told(order, "orders.link.requested", at=now) for _time in range(2)]

    assert [again(event, now) for event in events] == ["queued", "queued"]
