"""Mails that come in: the right thread or a new one, exactly once, never lost."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta

import pytest
from django.db.models.functions import Now

from shop.models import Inbound
from shop.operations.inbound import process_inbound, receive_inbound
from shop.queries.attention import count_parked_inbound
from shop.queries.audit import breaches
from support.models import Conversation, Message
from support.operations import receiving, replying
from support.queries.addresses import conversation_address, order_address
from support.rules.mail import fingerprint
from tests.factories.orders import placed_order
from tests.factories.support import agent, asked, support_desk
from tests.support.mails import FOLDER, answer
from tests.support.rules.test_mail import CORPUS, damaged

pytestmark = pytest.mark.django_db


def deliver(raw: bytes, *, at: datetime, to: str = "", sender: str | None = None) -> Inbound:
    """Keep a raw mail the way the webhook does, and let it be read."""
    headers = {"envelope_to": to} | ({} if sender is None else {"envelope_from": sender})
    row_id, _new = receive_inbound(source="mail", source_key=fingerprint(raw), raw=raw, headers=headers)
    process_inbound(at)
    return Inbound.objects.get(pk=row_id)


def thread_of(row: Inbound) -> Message:
    assert row.state == "processed"
    return Message.objects.select_related("conversation").get(raw=row)


@pytest.fixture
def question(now: datetime) -> Conversation:
    return asked(at=now).conversation


def test_a_signed_reply_joins_its_thread_even_when_the_envelope_alone_knows(
    question: Conversation, now: datetime
) -> None:
    to = conversation_address(question.pk)

    by_header = thread_of(deliver(answer(to=to, at=now, message_id="a@x"), at=now))
    by_envelope = thread_of(deliver(answer(to="care@shop.example", at=now, message_id="b@x"), at=now, to=to.upper()))

    assert {by_header.conversation_id, by_envelope.conversation_id} == {question.pk}
    assert by_header.thread_reason == by_envelope.thread_reason == "reply address"
    assert breaches() == []


def test_a_forged_reply_address_joins_nothing(question: Conversation, now: datetime) -> None:
    local, _, host = conversation_address(question.pk).partition("@")
    forged = f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{host}"

    message = thread_of(deliver(answer(to=forged, at=now), at=now))

    assert message.conversation_id != question.pk
    assert message.conversation.follows_id is None


def test_somebody_elses_answer_never_joins_her_thread(question: Conversation, now: datetime) -> None:
    replying_to = {"to": conversation_address(question.pk), "in_reply_to": "form@x"}

    message = thread_of(deliver(answer(at=now, sender="eva@example.com", **replying_to), at=now))  # type: ignore[arg-type]

    assert message.thread_reason == "new: answered from another address"
    assert (message.conversation.email, message.conversation.follows_id) == ("eva@example.com", question.pk)
    assert question.messages.count() == 1


def test_references_join_when_the_sender_is_hers(question: Conversation, now: datetime) -> None:
    question.refresh_from_db()
    out = replying.reply(
        conversation_id=question.pk,
        text="Yes.",
        by=agent(),
        seen_version=question.version,
        client_token=uuid.uuid4(),
        at=now,
    )
    replying.note_answer_sent(message_id=out.pk, at=now, external_id="<answer-7@shop.example>")
    plain = {"to": "care@shop.example", "at": now, "in_reply_to": "answer-7@shop.example"}

    hers = thread_of(deliver(answer(message_id="a@x", **plain), at=now))  # type: ignore[arg-type]
    foreign = thread_of(deliver(answer(message_id="b@x", sender="eva@example.com", **plain), at=now))  # type: ignore[arg-type]

    assert (hers.conversation_id, hers.thread_reason) == (question.pk, "answers a mail of this thread")
    assert (foreign.conversation_id != question.pk, foreign.conversation.follows_id) == (True, question.pk)


def test_a_reply_to_an_order_mail_lands_on_the_order(now: datetime) -> None:
    support_desk()
    order = placed_order(at=now)
    to = order_address(order.pk)

    first = thread_of(deliver(answer(to=to, at=now, message_id="a@x"), at=now))
    second = thread_of(deliver(answer(to=to, at=now, message_id="b@x"), at=now))
    foreign = thread_of(deliver(answer(to=to, at=now, message_id="c@x", sender="eva@example.com"), at=now))

    assert (first.conversation.order, first.conversation_id) == (order, second.conversation_id)
    assert (foreign.conversation.order, foreign.conversation_id != first.conversation_id) == (None, True)


def test_an_order_number_in_the_subject_counts_from_the_orders_address_alone(now: datetime) -> None:
    support_desk()
    order = placed_order(at=now)
    about = {"to": "care@shop.example", "at": now, "subject": f"Where is {order.number.lower()}?"}

    hers = thread_of(deliver(answer(message_id="a@x", **about), at=now))  # type: ignore[arg-type]
    foreign = thread_of(deliver(answer(message_id="b@x", sender="eva@example.com", **about), at=now))  # type: ignore[arg-type]

    assert (hers.conversation.order, hers.thread_reason) == (order, "order number, from its own address")
    assert (foreign.conversation.order, foreign.thread_reason) == (None, "new")


def closed(question: Conversation, *, ago: timedelta) -> str:
    closed_at = Now() - ago if ago else Now()
    Conversation.objects.filter(pk=question.pk).update(
        status="closed", waiting_since=None, closed_at=closed_at, next_due_at=None
    )
    return conversation_address(question.pk)


def test_a_mail_reopens_what_was_closed(question: Conversation, now: datetime) -> None:
    deliver(answer(to=closed(question, ago=timedelta(days=1)), at=now), at=now)

    question.refresh_from_db()
    assert (question.status, question.closed_at, question.waiting_since is None) == ("open", None, False)


def test_what_was_closed_long_ago_is_followed_by_a_new_conversation(question: Conversation, now: datetime) -> None:
    message = thread_of(deliver(answer(to=closed(question, ago=timedelta(days=31)), at=now), at=now))

    assert (message.conversation_id != question.pk, message.conversation.follows_id) == (True, question.pk)


def test_the_same_mail_is_one_message_and_the_same_id_with_other_words_is_another(now: datetime) -> None:
    support_desk()
    raw = answer(to="care@shop.example", at=now, text="One.")

    rows = {deliver(raw, at=now).pk, deliver(b"Received: by a relay\r\n" + raw, at=now).pk}
    other = deliver(answer(to="care@shop.example", at=now, text="Two."), at=now)

    assert (len(rows), other.state, Message.objects.count()) == (1, "processed", 2)
    assert breaches() == []


@pytest.mark.parametrize("name", ["vacation", "list", "own-loop", "bounce"])
def test_machines_are_kept_and_never_answered(name: str, now: datetime) -> None:
    support_desk()

    row = deliver(CORPUS[name], at=now)

    assert (row.state, bool(row.error), Message.objects.count()) == ("ignored", True, 0)
    assert breaches() == []


def test_a_bounce_marks_the_answer_it_is_about(question: Conversation, now: datetime) -> None:
    question.refresh_from_db()
    out = replying.reply(
        conversation_id=question.pk,
        text="Yes.",
        by=agent(),
        seen_version=question.version,
        client_token=uuid.uuid4(),
        at=now,
    )
    replying.note_answer_sent(message_id=out.pk, at=now, external_id="answer-1@hearth-and-thread.example")

    row = deliver(CORPUS["bounce"], at=now, sender="")

    question.refresh_from_db()
    assert (row.state, question.waiting_since, question.status) == ("processed", now, "open")
    assert question.messages.get(kind="out").delivery == "failed"
    assert "is full" in question.messages.get(kind="system").text
    assert breaches() == []


def test_a_mail_without_sender_becomes_a_case(now: datetime) -> None:
    support_desk()

    row = deliver(CORPUS["without-sender"], at=now)

    case = thread_of(row).conversation
    assert (case.subject, case.email, case.next_due_kind) == ("A mail we could not read", "", "task")
    assert breaches() == []


def test_what_came_along_is_named_before_the_quotation(now: datetime) -> None:
    support_desk()

    message = thread_of(deliver(CORPUS["photo"], at=now))

    assert message.text_new == ("The left sleeve is torn, see the picture.\n\n[attachment: sleeve.jpg, 33 kB, kept]")
    assert message.text.endswith("> How does it fit?")


def test_many_mails_at_once_join_the_latest(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    support_desk()
    monkeypatch.setattr(receiving, "MANY", 2)

    for number in range(4):
        deliver(answer(to="care@shop.example", at=now, message_id=f"{number}@x", text=f"Mail {number}."), at=now)

    assert (Conversation.objects.count(), Message.objects.count()) == (2, 4)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.eml")), ids=lambda path: path.stem)
def test_no_mail_of_the_corpus_is_lost(path: object, now: datetime) -> None:
    support_desk()

    row = deliver(path.read_bytes(), at=now)  # type: ignore[attr-defined]

    assert row.state in ("processed", "ignored")
    assert breaches() == []


@pytest.mark.parametrize("sender", [None, "ana@example.com"])
@pytest.mark.parametrize("raw", [b"\x00\xff\xfe\x80 garbage", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"{}"])
def test_what_is_no_mail_is_parked_and_shown_and_opens_nothing(raw: bytes, sender: str | None, now: datetime) -> None:
    support_desk()

    row = deliver(raw, at=now, sender=sender)

    assert (row.state, row.error) == ("parked", "this is no mail: none of the headers of a mail")
    assert count_parked_inbound(now) == 1
    assert Conversation.objects.count() == 0


def test_no_damaged_mail_is_lost(now: datetime) -> None:
    support_desk()
    chance = random.Random(2026)
    names = sorted(CORPUS)

    rows = [deliver(damaged(CORPUS[chance.choice(names)], chance), at=now + timedelta(hours=n)) for n in range(40)]

    parked = [f"inbound {row.pk}" for row in rows if row.state == "parked"]
    assert {row.state for row in rows} == {"processed", "ignored", "parked"}
    assert sorted(breach.what for breach in breaches()) == sorted(parked)
