"""News of the shop that becomes a case before anybody writes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from orders.models import DelayCase, Order
from shop.models import Event
from shop.operations.events import record_event, relay_events
from shop.queries.audit import breaches
from support.models import Conversation
from support.operations.handling import close
from support.receivers import hear_failed_message
from tests.factories.orders import fixed_promise, placed_order
from tests.factories.support import agent, asked, support_desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(now: datetime) -> Order:
    support_desk()
    return placed_order(at=now, phone="+351912345678")


def delay(order: Order, *, at: datetime, round_: int = 1) -> None:
    """The watch notices a delay."""
    old = order.promises.order_by("-version")[0]
    new = fixed_promise(order, at=at, days=4 + round_)
    case = DelayCase.objects.create(
        order=order, round=round_, cause="weather", reason="Snow.", broken_promise=old, new_promise=new, noticed_at=at
    )
    payload = {"order_id": order.pk, "delay_id": case.pk, "promise_id": new.pk, "old_promise_id": old.pk}
    tell("orders.order.delayed", order, at, payload)


def tell(name: str, order: Order | None, at: datetime, payload: dict[str, object]) -> None:
    with transaction.atomic():
        number = order.number if order else ""
        record_event(name=name, subject="tests:1", at=at, payload=payload, order_number=number)
    while relay_events(at):
        pass


def test_a_late_parcel_has_a_case_before_she_writes(order: Order, now: datetime) -> None:
    delay(order, at=now)

    case = Conversation.objects.get()
    assert (case.kind, case.origin, case.order, case.email) == ("delay", "system", order, "ana@example.com")
    assert (case.next_due_kind, case.next_due_at) == ("task", now + timedelta(hours=1))
    assert "We promised Wed 4 – Thu 5 March; now it is Fri 6 – Sat 7 March." in case.messages.get().text
    assert [breach for breach in breaches() if breach.code[0] == "U"] == []


def test_a_second_delay_joins_the_open_case(order: Order, now: datetime) -> None:
    delay(order, at=now)
    delay(order, at=now + timedelta(hours=1), round_=2)

    assert Conversation.objects.get().messages.count() == 2
    assert [breach for breach in breaches() if breach.code[0] == "U"] == []


def test_a_mail_that_cannot_arrive_becomes_a_call(order: Order, now: datetime) -> None:
    tell("notifications.message.failed", order, now, {"message_id": 1, "kind": "order_placed"})

    case = Conversation.objects.get()
    assert (case.kind, case.subject) == (
        "problem", f"We cannot reach the customer of {order.number} about the order itself: call",
    )  # fmt: skip
    assert "+351912345678" in case.messages.get().text


def test_every_mail_that_fails_is_told_and_opens_the_case_again(order: Order, now: datetime) -> None:
    tell("notifications.message.failed", order, now, {"message_id": 1, "kind": "order_placed", "why": "refused"})
    case = Conversation.objects.get()
    close(conversation_id=case.pk, by=agent(), at=now)

    tell("notifications.message.failed", order, now, {"message_id": 2, "kind": "order_packed", "why": "interrupted"})
    hear_failed_message(Event.objects.order_by("-id")[0])  # once more

    case.refresh_from_db()
    assert (case.status, case.next_due_kind, case.messages.count()) == ("open", "task", 2)
    assert "The mail server refused it for good." in case.messages.order_by("id")[0].text


def test_a_mail_about_a_conversation_that_fails_joins_it(now: datetime) -> None:
    thread = asked(at=now).conversation
    payload = {"message_id": 1, "kind": "conversation_opened", "why": "address", "conversation_id": thread.pk}

    tell("notifications.message.failed", None, now, payload)

    task = Conversation.objects.get().messages.get(kind="system")
    assert "The address cannot be used for a mail." in task.text


def test_a_failed_answer_opens_no_second_case(order: Order, now: datetime) -> None:
    tell("notifications.message.failed", None, now, {"message_id": 1, "kind": "support_answer"})

    assert Conversation.objects.count() == 0


def test_a_missing_word_joins_the_delays_case_as_a_call(order: Order, now: datetime) -> None:
    delay(order, at=now)
    delay(order, at=now + timedelta(days=1), round_=2)
    case = DelayCase.objects.get(round=2)

    tell("orders.delay.unanswered", order, now + timedelta(days=4), {"order_id": order.pk, "delay_id": case.pk})

    conversation = Conversation.objects.get()
    said = conversation.messages.order_by("-id")[0].text
    assert (conversation.kind, conversation.status) == ("delay", "open")
    assert said.startswith("It is late for the second time")
    assert "Nothing is sent without her word." in said


def test_a_missing_word_opens_a_case_of_its_own_when_none_is_open(order: Order, now: datetime) -> None:
    delay(order, at=now)
    close(conversation_id=Conversation.objects.get().pk, by=agent(), at=now + timedelta(hours=1))
    case = DelayCase.objects.get()

    tell("orders.delay.unanswered", order, now + timedelta(days=4), {"order_id": order.pk, "delay_id": case.pk})

    assert Conversation.objects.filter(status="open").get().subject == f"{order.number}: her word is missing, call"
