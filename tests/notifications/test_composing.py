"""Events become rows once, also when nobody needs to be told."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import transaction

from notifications.models import Message
from notifications.receivers import hear
from orders.models import Order, OrderAccess
from shop.models import Event, EventDelivery
from shop.operations.events import record_event, relay_events
from support.models import Message as Utterance
from tests.factories.notifications import conversation, event_for, refund, told
from tests.factories.orders import placed_order

pytestmark = pytest.mark.django_db


def test_an_event_heard_three_times_leaves_one_message_and_one_link(now: datetime) -> None:
    event_for("order_placed", at=now)

    for _time in range(3):
        relay_events(now)
        EventDelivery.objects.update(state="due", lease_until=None)

    assert (Message.objects.count(), OrderAccess.objects.count()) == (1, 1)


def test_a_card_payment_needs_no_notice_and_the_row_says_so(now: datetime) -> None:
    event = told(placed_order(at=now), "orders.payment.received", at=now, amount_minor=2890, currency="EUR")

    hear(event)

    message = Message.objects.get()
    assert (message.state, message.reason, message.text) == (
        "suppressed", "It was paid while ordering or at the door; the thanks said so.", "",
    )  # fmt: skip


@pytest.mark.parametrize(("origin", "state"), [("returns.case:7", "suppressed"), ("desk:7", "queued")])
def test_a_refund_another_notice_names_is_not_told_twice(now: datetime, origin: str, state: str) -> None:
    order = placed_order(at=now)
    grant = refund(order, at=now)
    grant.origin = origin
    grant.save()

    hear(told(order, "orders.refund.granted", at=now, grant_id=grant.pk))

    assert Message.objects.get().state == state


def opened(now: datetime, message_id: int | None, conversation_id: int) -> Event:
    with transaction.atomic():
        return record_event(
            name="support.conversation.opened", subject="support.conversation:1", at=now,
            payload={"conversation_id": conversation_id, "message_id": message_id},
        )  # fmt: skip


def test_a_case_the_shop_opened_itself_sends_no_receipt(now: datetime) -> None:
    hear(opened(now, None, conversation(at=now).pk))

    assert Message.objects.get().reason == "The shop opened this case itself; nobody wrote."


def test_a_machine_gets_no_receipt(now: datetime) -> None:
    thread = conversation(at=now)
    robot = Utterance.objects.create(
        conversation=thread, kind="in", channel="mail", text="I am away", written_at=now, automated=True
    )

    hear(opened(now, robot.pk, thread.pk))

    assert Message.objects.get().state == "suppressed"


def test_an_address_that_would_open_a_second_header_fails_and_tells_staff(now: datetime) -> None:
    order = placed_order(at=now)
    Order.objects.filter(pk=order.pk).update(email="ana@example.com\r\nBcc: eve@example.com")

    hear(told(order, "orders.order.placed", at=now))

    message = Message.objects.get()
    assert (message.state, message.text) == ("failed", "")
    assert Event.objects.get(name="notifications.message.failed").payload == {
        "message_id": message.pk, "kind": "order_placed", "why": "address",
    }  # fmt: skip


def test_a_name_cannot_open_a_second_header(now: datetime) -> None:
    order = placed_order(at=now, locale="xx")
    Order.objects.filter(pk=order.pk).update(full_name="Ana\r\nBcc: eve@example.com")

    hear(told(order, "orders.order.placed", at=now))

    assert Message.objects.get().recipient_name == "Ana Bcc: eve@example.com"
