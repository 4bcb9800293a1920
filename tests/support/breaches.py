"""How to break the invariants of support."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.utils import timezone

from orders.models import DelayCase
from shop.models import Event, Inbound, ProductQuestion
from support.models import Conversation
from support.operations.regretting import write_regrets
from tests.breaches import Planter, sql, without_constraints
from tests.factories.orders import fixed_promise, placed_order
from tests.factories.regret import a_fault
from tests.factories.shop import VariantFactory
from tests.factories.support import asked


def question() -> Conversation:
    """Somebody asked half an hour ago."""
    return asked(at=timezone.now() - timedelta(minutes=30)).conversation


def lose_the_conversation_of_a_message() -> None:
    """A message hangs in the air; a note, so that nobody's waiting changes with it."""
    conversation = question()
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE support_message DISABLE TRIGGER ALL")
    sql(
        "INSERT INTO support_message (conversation_id, kind, author_name, author_address, channel, in_reply_to, text,"
        " text_new, thread_reason, automated, delivery, version, written_at)"
        " VALUES (%s, 'note', '', '', 'admin', '', 'lost', '', '', false, '', 1, now())",
        conversation.pk + 1_000,
    )


def close_while_waiting() -> None:
    """Somebody is sent home without an answer."""
    question()
    without_constraints("support_conversation", "nobody_closed_while_waiting")
    sql("UPDATE support_conversation SET status = 'closed', closed_at = now()")


def wait_without_due_time() -> None:
    """Somebody waits and nothing says by when."""
    question()
    without_constraints("support_conversation", "waiting_has_a_due_time")
    sql("UPDATE support_conversation SET next_due_at = NULL")


def forget_who_waits() -> None:
    """The column says nobody waits, the messages say otherwise."""
    question()
    sql("UPDATE support_conversation SET waiting_since = NULL")


def put_aside_while_waiting() -> None:
    """Somebody waits in a view nobody works through."""
    question()
    sql("UPDATE support_conversation SET status = 'waiting'")


def process_a_mail_into_nothing() -> None:
    """A mail is called processed and there is no message of it."""
    Inbound.objects.create(source="mail", source_key="1", raw=b"From: ana@example.com\n\nhello", state="processed")


def delay_without_a_case() -> None:
    """An order is late and nobody at the desk knows."""
    now = timezone.now()
    order = placed_order(at=now)
    delay = DelayCase.objects.create(
        order=order,
        cause="weather",
        reason="Snow.",
        broken_promise=order.promises.get(),
        new_promise=fixed_promise(order, at=now, days=5),
        noticed_at=now - timedelta(hours=1),
    )
    Event.objects.create(
        name="orders.order.delayed",
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        payload={"delay_id": delay.pk},
        visibility="staff",
        happened_at=now,
        recorded_at=now - timedelta(hours=1),
    )


def leave_a_question_unheard() -> None:
    """Somebody asked about a piece an hour ago, and the news never came to the desk."""
    ProductQuestion.objects.create(
        token=uuid.uuid4(),
        product=VariantFactory().product,
        email="ana@example.com",
        text="Is it warm?",
        asked_at=timezone.now() - timedelta(hours=1),
    )


def say_less_than_was_given() -> None:
    """A month's budget forgot a gesture."""
    now = timezone.now()
    a_fault(placed_order(at=now), at=now)
    write_regrets(now)
    sql("UPDATE support_gesturebudget SET spent_minor = 0")


def give_without_a_letter() -> None:
    """A gesture stands with a fault that is still to be regretted."""
    now = timezone.now()
    a_fault(placed_order(at=now), at=now)
    write_regrets(now)
    sql("UPDATE support_fault SET state = 'waiting', due_at = now(), settled_at = NULL")


BREACHES: dict[str, Planter] = {
    "U01": lose_the_conversation_of_a_message,
    "U02": close_while_waiting,
    "U03": wait_without_due_time,
    "U04": forget_who_waits,
    "U05": put_aside_while_waiting,
    "U06": process_a_mail_into_nothing,
    "U07": delay_without_a_case,
    "U12": leave_a_question_unheard,
    "U10": say_less_than_was_given,
    "U11": give_without_a_letter,
}
