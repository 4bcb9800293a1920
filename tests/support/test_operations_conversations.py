"""Opening, answering, handling: each verb once, each refusal with nothing written."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.models import Event, User
from shop.operations.limits import TooOften
from shop.queries.audit import breaches
from support.models import Conversation, Message
from support.operations import handling, replying
from support.operations.clock import lock_conversation, say, settle
from support.operations.opening import FORM_BUDGET, add_to_case, open_case, reopen
from support.operations.watching import watch_waiting
from tests.factories.orders import placed_order
from tests.factories.support import agent, asked, support_desk

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def answered(conversation: Conversation, *, at: datetime, text: str = "Yes, it does.") -> Message:
    conversation.refresh_from_db()
    return replying.reply(
        conversation_id=conversation.pk,
        text=text,
        by=agent(),
        seen_version=conversation.version,
        client_token=uuid.uuid4(),
        at=at,
    )


def test_open_conversation_starts_the_clock(now: datetime) -> None:
    conversation = asked(at=now).conversation

    conversation.refresh_from_db()
    assert (conversation.status, conversation.waiting_since, conversation.next_due_kind) == ("open", now, "fr")
    assert conversation.next_due_at == now + 2 * HOUR
    assert conversation.number == f"C-{10_000 + conversation.pk}"
    assert Event.objects.get().payload == {
        "conversation_id": conversation.pk,
        "message_id": conversation.messages.get().pk,
    }
    assert breaches() == []


def test_open_conversation_takes_the_same_form_once_and_refuses_too_many(now: datetime) -> None:
    token = uuid.uuid4()

    assert asked(at=now, token=token) == asked(at=now, token=token)
    for _ in range(FORM_BUDGET - 1):
        asked(at=now)
    with pytest.raises(TooOften):
        asked(at=now)

    asked(at=now, email="rui@example.com")
    assert Conversation.objects.count() == FORM_BUDGET + 1


def test_reply_leaves_her_waiting_until_the_mail_server_took_it(now: datetime) -> None:
    conversation = asked(at=now).conversation

    message = answered(conversation, at=now + HOUR)

    conversation.refresh_from_db()
    assert (message.delivery, conversation.waiting_since) == ("in_flight", now)
    assert Event.objects.order_by("-id")[0].name == "support.message.answered"

    replying.note_answer_sent(message_id=message.pk, at=now + HOUR)
    replying.note_answer_sent(message_id=message.pk, at=now + 5 * HOUR)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.waiting_since, conversation.next_due_at) == ("waiting", None, None)
    assert conversation.first_response_at == now + HOUR
    assert breaches() == []


def test_a_failed_answer_puts_her_back_where_she_was(now: datetime) -> None:
    conversation = asked(at=now).conversation
    message = answered(conversation, at=now + HOUR)
    replying.note_answer_sent(message_id=message.pk, at=now + HOUR)

    replying.note_answer_failed(message_id=message.pk, at=now + 3 * HOUR, reason="mailbox full")
    replying.note_answer_failed(message_id=message.pk, at=now + 4 * HOUR)

    conversation.refresh_from_db()
    assert (conversation.status, conversation.waiting_since, conversation.first_response_at) == ("open", now, None)
    assert (conversation.next_due_at, conversation.breached_at) == (now + 2 * HOUR, now + 2 * HOUR)
    assert "mailbox full" in conversation.messages.get(kind="system").text
    assert breaches() == []


def test_reply_is_written_once_and_not_over_a_newer_message(now: datetime) -> None:
    conversation = asked(at=now).conversation
    seen, token, by = conversation.version, uuid.uuid4(), agent()
    again = {"conversation_id": conversation.pk, "by": by, "seen_version": seen, "at": now}

    first = replying.reply(text="Yes.", client_token=token, **again)  # type: ignore[arg-type]
    assert replying.reply(text="Yes.", client_token=token, **again) == first  # type: ignore[arg-type]
    with pytest.raises(replying.NewerMessage):
        replying.reply(text="Yes!", client_token=uuid.uuid4(), **again)  # type: ignore[arg-type]
    with pytest.raises(replying.NothingWritten):
        replying.reply(text=" ", client_token=uuid.uuid4(), **again)  # type: ignore[arg-type]

    assert list(conversation.messages.filter(kind="out")) == [first]


def test_a_note_does_not_make_an_answer_stale(now: datetime) -> None:
    conversation = asked(at=now).conversation
    conversation.refresh_from_db()
    seen = conversation.version
    handling.write_note(conversation_id=conversation.pk, text="She is a regular.", by=agent(), at=now)

    replying.reply(
        conversation_id=conversation.pk,
        text="Yes.",
        by=agent(),
        seen_version=seen,
        client_token=uuid.uuid4(),
        at=now,
    )

    assert conversation.messages.filter(kind="out").count() == 1


def test_close_refuses_while_somebody_waits(now: datetime) -> None:
    conversation = asked(at=now).conversation
    by = agent()

    with pytest.raises(handling.StillWaiting):
        handling.close(conversation_id=conversation.pk, by=by, at=now)
    conversation.refresh_from_db()
    assert conversation.status == "open"

    handling.waive_answer(conversation_id=conversation.pk, reason="a thank-you", by=by, at=now)
    handling.close(conversation_id=conversation.pk, by=by, at=now)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.closed_at) == ("closed", now)
    with pytest.raises(handling.NobodyWaits):
        handling.waive_answer(conversation_id=conversation.pk, reason="again", by=by, at=now)
    assert breaches() == []


def test_the_database_refuses_closed_while_waiting(now: datetime) -> None:
    conversation = asked(at=now).conversation

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE support_conversation SET status = 'closed', closed_at = now() WHERE id = %s", [conversation.pk]
        )


def test_take_and_assign_say_who_has_it(now: datetime) -> None:
    conversation = asked(at=now).conversation
    first, second = agent(), agent()
    handling.take(conversation_id=conversation.pk, by=first, at=now)

    with pytest.raises(handling.TakenByColleague) as taken:
        handling.take(conversation_id=conversation.pk, by=second, at=now)
    assert taken.value.holder == first
    handling.assign(conversation_id=conversation.pk, to=second, by=first, at=now)
    conversation.refresh_from_db()
    assert conversation.assignee == second

    shopper = agent(is_staff=False)
    with pytest.raises(handling.CannotHold):
        handling.assign(conversation_id=conversation.pk, to=shopper, by=first, at=now)


def test_open_case_is_there_before_she_writes_and_her_message_joins_it(now: datetime) -> None:
    support_desk()
    order = placed_order(at=now)
    key = f"delay:{order.number}:1"

    case = open_case(case_key=key, kind="delay", subject="Late", text="Snow.", order=order, at=now)
    assert open_case(case_key=key, kind="delay", subject="Late", text="Snow.", order=order, at=now) == case
    case.refresh_from_db()
    assert (case.waiting_since, case.next_due_kind, case.next_due_at) == (None, "task", now + HOUR)

    message = asked(at=now + HOUR / 2, order=order, kind="delay")
    case.refresh_from_db()
    assert (message.conversation, message.thread_reason) == (case, "we had opened this case before")
    assert (case.waiting_since, case.next_due_kind) == (now + HOUR / 2, "task")

    stranger = asked(at=now, order=order, email="eva@example.com")
    assert stranger.conversation != case
    assert breaches() == []


def test_an_answer_settles_a_task_and_news_makes_it_due_again(now: datetime) -> None:
    support_desk()
    case = open_case(case_key="x", kind="delay", subject="Late", text="Snow.", order=placed_order(at=now), at=now)
    message = answered(case, at=now)
    replying.note_answer_sent(message_id=message.pk, at=now)
    case.refresh_from_db()
    assert (case.status, case.next_due_at) == ("waiting", None)

    add_to_case(conversation_id=case.pk, text="More snow.", at=now + HOUR)

    case.refresh_from_db()
    assert (case.status, case.next_due_at) == ("open", now + 2 * HOUR)


def test_watch_waiting_marks_each_breach_once(now: datetime) -> None:
    conversation = asked(at=now).conversation

    assert watch_waiting(now + HOUR) == 0
    assert (watch_waiting(now + 3 * HOUR), watch_waiting(now + 3 * HOUR)) == (1, 0)

    conversation.refresh_from_db()
    assert conversation.breached_at == now + 2 * HOUR
    assert Event.objects.filter(name="support.conversation.overdue").count() == 1


verbs = st.lists(st.sampled_from(["ask", "reply", "sent", "failed", "note", "waive", "close", "task"]), max_size=10)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(verbs)
def test_whatever_is_done_nobody_is_forgotten(now: datetime, steps: list[str]) -> None:
    """A random walk over the verbs ends without a breach; the rollback makes every walk start afresh."""
    with transaction.atomic():
        walk(steps, at=now)
        assert breaches() == []
        transaction.set_rollback(True)


def walk(steps: list[str], *, at: datetime) -> None:
    """Do one step an hour; a refusal is an answer too."""
    conversation = asked(at=at, order=placed_order(at=at)).conversation
    by = agent()
    for place, step in enumerate(steps):
        with contextlib.suppress(handling.StillWaiting, handling.NobodyWaits):
            STEPS[step](conversation, by, at + place * HOUR)


def ask_again(conversation: Conversation, by: User, at: datetime) -> None:
    locked = lock_conversation(conversation.pk)
    say(locked, kind="in", text="And?", at=at, channel="form")
    reopen(locked)
    settle(locked, at=at)


def last_answer(conversation: Conversation) -> int | None:
    return conversation.messages.filter(kind="out").order_by("-id").values_list("id", flat=True).first()


def take_the_mail(conversation: Conversation, by: User, at: datetime) -> None:
    if answer := last_answer(conversation):
        replying.note_answer_sent(message_id=answer, at=at)


def refuse_the_mail(conversation: Conversation, by: User, at: datetime) -> None:
    if answer := last_answer(conversation):
        replying.note_answer_failed(message_id=answer, at=at)


STEPS: dict[str, Callable[[Conversation, User, datetime], object]] = {
    "ask": ask_again,
    "reply": lambda conversation, by, at: answered(conversation, at=at),
    "sent": take_the_mail,
    "failed": refuse_the_mail,
    "note": lambda one, by, at: handling.write_note(conversation_id=one.pk, text="Hm.", by=by, at=at),
    "waive": lambda one, by, at: handling.waive_answer(conversation_id=one.pk, reason="thanks", by=by, at=at),
    "close": lambda one, by, at: handling.close(conversation_id=one.pk, by=by, at=at),
    "task": lambda one, by, at: add_to_case(conversation_id=one.pk, text="News.", at=at),
}
