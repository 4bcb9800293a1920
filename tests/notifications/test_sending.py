"""Sending to a real mail server that accepts, refuses, breaks the line and goes away."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from notifications.messages.reasons import reason_text
from notifications.models import Message, Provider
from notifications.operations import claiming
from notifications.operations.claiming import Tried
from notifications.operations.resending import resend_message
from notifications.operations.sending import send_messages
from notifications.rules import standing
from notifications.rules.headers import display_name, subject_line
from notifications.rules.outcomes import Answer, Outcome, Verdict
from orders.models import Order, Promise
from shop.models import Event
from shop.operations.events import relay_events
from shop.queries.audit import breaches
from support.models import Conversation
from support.models import Message as Utterance
from tests.factories.notifications import conversation, event_for, queued, told
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory
from tests.factories.support import support_desk
from tests.faults.harness import SmtpPeer
from tests.letters import mailbox_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def peer(settings: Settings) -> Iterator[SmtpPeer]:
    """A mail server to which Django's SMTP backend leads."""
    with SmtpPeer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 20  # a busy machine answers late; whoever tests impatience sets his own
        settings.SMALL_NEWS_MINUTES = 0
        yield server


@pytest.fixture
def nobody_listens(transactional_db: None) -> Iterator[None]:
    """Orders take no note of what was told."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE RULE nobody_listens AS ON UPDATE TO orders_promise DO INSTEAD NOTHING")
        yield
        cursor.execute("DROP RULE nobody_listens ON orders_promise")


def at_once() -> datetime:
    """Sweeps run now; leases are on the database's own clock."""
    return timezone.now()


def waiting(at: datetime, *, number: str = "KP-1000-0001", kind: str = "order_placed", **fields: object) -> Message:
    order = Order.objects.filter(number=number).order_by("id").first() or placed_order(at=at, number=number)
    return queued(told(order, "orders.order.placed", at=at), kind=kind, **fields)


def outcomes(message: Message) -> list[str]:
    return list(message.journal.order_by("number").values_list("outcome", flat=True))


def rested() -> None:
    """Let the time pass for which a provider in trouble is left alone."""
    Provider.objects.exclude(rests_until=None).update(rests_until=at_once() - timedelta(seconds=1))


def make_due(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(due_at=at_once() - timedelta(minutes=1))


def test_a_message_goes_out_with_its_identity_and_both_forms(peer: SmtpPeer, now: datetime) -> None:
    event = event_for("order_placed", at=now)
    relay_events(now)

    assert send_messages(at_once()) == 1

    message = Message.objects.get(event=event)
    assert (message.state, outcomes(message), message.unconfirmed_at) == ("sent", ["accepted"], None)
    letter = peer.accepted[0]
    assert letter["Message-ID"] == message.message_id
    assert letter["To"] == "Ana Costa <ana@example.com>"
    assert letter["Reply-To"] == message.reply_to
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Subject"] == message.subject
    assert letter.get_body(("plain",)).get_content().replace("\r\n", "\n") == message.text  # type: ignore[union-attr]
    assert letter.get_body(("html",)) is not None


def test_an_answer_joins_the_thread_of_the_question(peer: SmtpPeer, now: datetime) -> None:
    event_for("support_answer", at=now)
    relay_events(now)

    send_messages(at_once())

    letter = peer.accepted[0]
    assert letter["In-Reply-To"] == letter["References"]
    assert str(letter["In-Reply-To"]).startswith("<asked-")
    assert letter["Auto-Submitted"] is None


def test_a_batch_uses_one_connection_and_few_statements(
    peer: SmtpPeer, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        waiting(now, number=f"KP-1000-000{number}")

    # small news, provider, claim, load, closed addresses, wishes, orders; begin each, ending the one before; end
    with django_assert_num_queries(7 + 3 + 1):
        send_messages(at_once())

    assert (len(peer.accepted), peer.connections) == (3, 1)


def test_a_temporary_refusal_waits_and_goes_out_later(peer: SmtpPeer, now: datetime) -> None:
    message = waiting(now)
    peer.mode = "4xx"
    send_messages(at_once())
    message.refresh_from_db()
    assert (message.state, outcomes(message)) == ("queued", ["temporary"])
    assert 50 < (message.due_at - at_once()).total_seconds() <= 75
    assert message.reason == "4.7.1 Greylisted, come back later"
    peer.mode = "ok"
    assert send_messages(at_once()) == 0

    make_due(message)
    send_messages(at_once())

    message.refresh_from_db()
    assert (message.state, message.reason, outcomes(message)) == ("sent", "", ["temporary", "accepted"])


def test_a_refusal_for_good_fails_and_tells_staff_while_others_go_out(peer: SmtpPeer, now: datetime) -> None:
    bad = waiting(now, recipient="gone@example.com")
    good = waiting(now, number="KP-1000-0002")
    peer.refused = {"gone@example.com"}

    send_messages(at_once())

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.reason, good.state) == ("failed", "5.1.1 No such mailbox", "sent")
    event = Event.objects.get(name="notifications.message.failed")
    assert event.payload == {"message_id": bad.pk, "kind": "order_placed", "why": "refused"}
    assert (event.order_number, event.visibility) == ("KP-1000-0001", "staff")


@pytest.mark.parametrize("pipelining", [True, False])
def test_one_refused_reader_spoils_nothing_for_the_next_on_the_same_line(
    peer: SmtpPeer, now: datetime, pipelining: bool
) -> None:
    peer.pipelining = pipelining
    peer.refused = {"gone@example.com"}
    for number, recipient in enumerate(("ana@example.com", "gone@example.com", "rui@example.com")):
        waiting(now, number=f"KP-1000-000{number}", recipient=recipient)

    send_messages(at_once())

    assert [letter["To"] for letter in peer.accepted] == ["Ana Costa <ana@example.com>", "Ana Costa <rui@example.com>"]
    assert list(Message.objects.order_by("id").values_list("state", flat=True)) == ["sent", "failed", "sent"]
    assert peer.connections == 1


def test_a_name_outside_ascii_is_told_to_staff_and_a_domain_is_translated(peer: SmtpPeer, now: datetime) -> None:
    waiting(now, number="KP-1000-0001", recipient="ana@exämple.com")
    waiting(now, number="KP-1000-0002", recipient="änne@example.com")

    send_messages(at_once())

    assert [letter["To"] for letter in peer.accepted] == ["Ana Costa <ana@xn--exmple-cua.com>"]
    assert list(Message.objects.order_by("id").values_list("state", flat=True)) == ["sent", "failed"]


def test_a_broken_line_after_the_text_is_unconfirmed_then_sent_once_more(peer: SmtpPeer, now: datetime) -> None:
    message = waiting(now)
    peer.mode = "drop"
    send_messages(at_once())
    message.refresh_from_db()
    assert (message.state, outcomes(message)) == ("queued", ["unknown"])
    assert message.unconfirmed_at is not None
    peer.mode = "ok"

    make_due(message)
    send_messages(at_once())

    message.refresh_from_db()
    assert (message.state, message.unconfirmed_at, outcomes(message)) == ("sent", None, ["unknown", "accepted"])
    assert peer.accepted[0]["Message-ID"] == peer.dropped[0]["Message-ID"]


def test_a_second_broken_line_stands_as_sent_unconfirmed(peer: SmtpPeer, now: datetime) -> None:
    message = waiting(now)
    peer.mode = "drop"

    for _try in range(2):
        make_due(message)
        send_messages(at_once())

    message.refresh_from_db()
    assert (message.state, outcomes(message)) == ("sent", ["unknown", "unknown"])
    assert message.unconfirmed_at is not None


def test_an_accepted_message_tells_its_promise_once(peer: SmtpPeer, now: datetime) -> None:
    event_for("order_placed", at=now)
    relay_events(now)
    told_at = now + timedelta(seconds=40)
    send_messages(told_at)
    assert Promise.objects.get().told_at == told_at

    resend_message(message_id=Message.objects.get().pk, reason="She lost it", by=StaffFactory(), at=now)
    relay_events(now)
    send_messages(now + timedelta(hours=1))

    assert len(peer.accepted) == 2
    assert Promise.objects.get().told_at == told_at


@pytest.mark.parametrize("mode", ["4xx", "5xx", "drop"])
def test_a_message_nobody_accepted_tells_no_promise(peer: SmtpPeer, now: datetime, mode: str) -> None:
    event_for("order_delayed", at=now)
    relay_events(now)
    peer.mode = mode

    for message in Message.objects.order_by("id"):
        make_due(message)
        send_messages(at_once())

    assert not Promise.objects.exclude(told_at=None).exists()


@pytest.mark.django_db(transaction=True)  # a refused statement would take the test's own transaction along
def test_a_promise_that_cannot_be_noted_does_not_unsend_its_mail(
    peer: SmtpPeer, now: datetime, nobody_listens: None
) -> None:
    """It is logged, and the audit finds it; the letter behind it goes out, too."""
    event = event_for("order_placed", at=now)
    waiting(now, number="KP-1000-0002")
    relay_events(now)

    send_messages(at_once())

    assert Message.objects.get(event=event).state == "sent"
    assert len(peer.accepted) == 2
    assert [breach.code for breach in breaches() if breach.code[0] == "N"] == ["N07"]


SUBJECTS = {
    "short": "É o seu vaso",
    "long": "A sua encomenda KP-1000-0001 chega mais tarde: açúcar, limões, pêssegos, maçãs, avelãs, romãs e figos",
    "rtl": "طلبك KP-1000-0001 سيتأخر قليلاً ويصل يوم الجمعة بدلاً من يوم الخميس بسبب الطقس العاصف في الشمال",
    "emoji": "👩‍🚀🧶🏺 " * 20,
    "ascii-without-a-blank": "a" * 150,
    "looks-encoded": "=?utf-8?q?Bcc=3A_eve?= and more",
}
NAMES = [
    "Žofie Nováková-Šťastná, " * 4,
    "مريم بنت عبد الله الأندلسية الفهرية القرشية",
    "👩‍🚀",
    'Ana "Nina", Lda.',
    "Ana",
]


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS.keys())
@pytest.mark.parametrize("name", NAMES)
def test_headers_arrive_exactly_as_they_were_written(peer: SmtpPeer, now: datetime, subject: str, name: str) -> None:
    subject, name = subject_line(subject), display_name(name)
    message = waiting(
        now, subject=subject, recipient_name=name, reply_to=f"care+c-{'9' * 20}-{'q' * 30}@hearth.example"
    )

    send_messages(at_once())

    (letter,), (raw,) = peer.accepted, peer.raw
    assert letter["Subject"] == subject
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    assert mailbox_in(head) == (name, "ana@example.com")
    assert (letter["Reply-To"], letter["Message-ID"]) == (message.reply_to, message.message_id)
    assert [
        line for line in head.split("\r\n") if not line.partition(": ")[2 if line[0].isalpha() else 0].strip()
    ] == []


def test_a_small_message_of_unknown_fate_is_not_sent_twice(peer: SmtpPeer, now: datetime) -> None:
    message = waiting(now, kind="order_packed")
    peer.mode = "drop"

    send_messages(at_once())

    message.refresh_from_db()
    assert (message.state, outcomes(message)) == ("sent", ["unknown"])
    assert message.unconfirmed_at is not None


def test_a_server_that_times_out_after_the_text_is_unconfirmed(
    peer: SmtpPeer, now: datetime, settings: Settings
) -> None:
    settings.EMAIL_TIMEOUT = 1
    peer.mode, peer.delay_seconds = "slow", 1.5
    message = waiting(now)

    send_messages(at_once())

    message.refresh_from_db()
    assert (message.state, outcomes(message)) == ("queued", ["unknown"])


def test_a_server_that_is_away_is_journalled_and_tried_again(peer: SmtpPeer, now: datetime) -> None:
    message = waiting(now)
    peer.go_away()
    send_messages(at_once())
    message.refresh_from_db()
    assert (message.state, message.reason, outcomes(message)) == (
        "queued", "No connection: ConnectionRefusedError", ["temporary"],
    )  # fmt: skip
    peer.come_back()
    make_due(message)
    assert send_messages(at_once()) == 0  # it is left alone for a while

    rested()
    send_messages(at_once())

    message.refresh_from_db()
    assert (message.state, len(peer.accepted)) == ("sent", 1)


def test_a_message_that_cannot_be_written_does_not_stop_the_others(peer: SmtpPeer, now: datetime) -> None:
    poison = waiting(now, subject="Hello\r\nBcc: everybody@example.com")
    good = waiting(now, number="KP-1000-0002")

    send_messages(at_once())

    poison.refresh_from_db()
    good.refresh_from_db()
    assert (poison.state, good.state) == ("failed", "sent")
    assert [str(letter["Bcc"]) for letter in peer.accepted] == ["None"]


def test_a_dead_workers_message_is_taken_over_after_its_lease(peer: SmtpPeer, now: datetime) -> None:
    message = waiting(now)
    dead = claiming.claim_messages(10)[0]
    claiming.begin_attempt(dead)
    assert send_messages(at_once()) == 0

    Message.objects.filter(pk=message.pk).update(lease_until=at_once() - timedelta(seconds=1))
    send_messages(at_once())

    message.refresh_from_db()
    assert (message.state, message.attempts, outcomes(message)) == ("sent", 2, ["unknown", "accepted"])
    assert claiming.begin_attempt(dead) is False
    assert claiming.finish_attempt(Tried(dead, Answer(Outcome.PERMANENT, 550), Verdict("failed"))) is False
    message.refresh_from_db()
    assert message.state == "sent"


def test_a_message_that_kills_every_worker_is_put_aside(peer: SmtpPeer, now: datetime) -> None:
    message = waiting(now)
    for _death in range(8):
        claim = claiming.claim_messages(10)[0]
        claiming.note_interruptions([claim])
        claiming.begin_attempt(claim)
        Message.objects.filter(pk=message.pk).update(lease_until=at_once() - timedelta(seconds=1))

    send_messages(at_once())

    message.refresh_from_db()
    assert (message.state, len(peer.accepted)) == ("failed", 0)
    event = Event.objects.get(name="notifications.message.failed")
    assert event.payload == {"message_id": message.pk, "kind": "order_placed", "why": "interrupted"}
    support_desk()
    relay_events(at_once())
    case = Conversation.objects.get()
    assert (case.subject, case.next_due_kind) == (
        "We cannot reach the customer of KP-1000-0001 about the order itself: call",
        "task",
    )
    assert "It was set aside" in case.messages.get().text


@pytest.fixture
def answer(now: datetime) -> Message:
    """An answer of a person, ready to go."""
    support_desk()
    event_for("support_answer", at=now)
    relay_events(now)
    return Message.objects.get(kind="support_answer")


def test_an_answer_that_stays_unconfirmed_is_on_the_desk(peer: SmtpPeer, now: datetime, answer: Message) -> None:
    peer.mode = "drop"
    for _try in range(2):
        make_due(answer)
        send_messages(at_once())

    said = Utterance.objects.get(kind="out")
    thread = said.conversation
    assert (said.delivery, said.accepted_at, thread.status) == ("unknown", None, "open")
    assert thread.waiting_since == now
    assert thread.task_due_at is not None
    task = thread.messages.get(kind="system")
    assert task.text.startswith("Nobody knows whether the answer Dilini wrote reached ana@example.com")
    assert [breach.code for breach in breaches()] == []


def test_a_copy_of_an_answer_settles_the_doubt(peer: SmtpPeer, now: datetime, answer: Message) -> None:
    peer.mode = "drop"
    for _try in range(2):
        make_due(answer)
        send_messages(at_once())
    peer.mode = "ok"

    resend_message(message_id=answer.pk, reason="She has not got it", by=StaffFactory(), at=now)
    relay_events(at_once())
    send_messages(at_once())

    said = Utterance.objects.get(kind="out")
    assert (said.delivery, said.conversation.waiting_since) == ("accepted", None)


def test_an_answer_put_aside_is_on_the_desk(peer: SmtpPeer, now: datetime, answer: Message) -> None:
    for _death in range(8):
        claim = claiming.claim_messages(10)[0]
        claiming.note_interruptions([claim])
        claiming.begin_attempt(claim)
        Message.objects.filter(pk=answer.pk).update(lease_until=at_once() - timedelta(seconds=1))

    send_messages(at_once())

    said = Utterance.objects.get(kind="out")
    assert (said.delivery, said.conversation.waiting_since) == ("failed", now)
    assert "Workers stopped while sending it" in said.conversation.messages.get(kind="system").text
    assert len(peer.accepted) == 0


def test_messages_of_one_order_go_out_in_the_order_of_their_events(peer: SmtpPeer, now: datetime) -> None:
    first = waiting(now, subject="first", due_at=at_once() - timedelta(minutes=1))
    waiting(now, subject="second", due_at=at_once() - timedelta(minutes=9))
    peer.mode = "4xx"
    assert send_messages(at_once()) == 1
    peer.mode = "ok"
    assert send_messages(at_once()) == 0

    make_due(first)
    send_messages(at_once())
    send_messages(at_once())

    assert [letter["Subject"] for letter in peer.accepted] == ["first", "second"]


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        ("order_packed", {"status": "cancelled"}, "The order was cancelled meanwhile."),
        ("piece_made", {"parcel": "packed"}, "It is packed meanwhile; newer news says so."),
        ("parcel_handed_over", {"status": "cancelled"}, "The order was cancelled meanwhile."),
        ("order_packed", {"parcel": "handed_over"}, "The parcel has left meanwhile; newer news says so."),
        ("parcel_handed_over", {"parcel": "delivered"}, "It has arrived meanwhile."),
        ("out_for_delivery", {"parcel": "delivered"}, "It has arrived meanwhile."),
        ("delivery_failed", {"parcel": "delivered"}, "It has arrived meanwhile."),
        ("out_for_delivery", {}, "The day it spoke of has passed."),
        ("parcel_delivered", {"parcel": "handed_over"}, "The arrival was taken back."),
        ("order_delayed", {"fulfilment_status": "delivered"}, "It has arrived meanwhile."),
        ("order_delayed", {"status": "cancelled"}, "The order was cancelled meanwhile."),
        ("order_delayed", {"delayed_again": True}, "A newer date stands; its own notice says so."),
        ("order_placed", {"status": "cancelled"}, "The order was cancelled meanwhile."),
        ("refund_granted", {"refunded": True}, "The money has gone out meanwhile; its own notice says so."),
        ("return_requested", {"case": "approved"}, "The return has moved on; newer news says so."),
        ("return_approved", {"case": "withdrawn"}, "The return has moved on; newer news says so."),
        ("payment_reminder", {"payment_status": "paid"}, "It was paid meanwhile, or the order has ended."),
        ("arrival_question", {"talks": True}, "She talks with us about the order already."),
        ("conversation_opened", {"answered": True}, "A person has answered meanwhile."),
    ],
)
def test_what_is_no_longer_true_is_held_back_with_its_reason(
    peer: SmtpPeer, now: datetime, kind: str, change: dict[str, object], reason: str
) -> None:
    order = placed_order(at=now)
    event = event_for(kind, at=now, order=order)
    relay_events(now)
    _change(order, event, dict(change), now)

    send_messages(at_once())

    message = Message.objects.get(event=event)
    assert (message.state, message.reason, len(peer.accepted)) == ("suppressed", reason, 0)


def test_every_reason_to_hold_a_message_back_has_its_sentence() -> None:
    codes = {value for name, value in vars(standing).items() if name.isupper()}

    assert len(codes) > 10
    assert all(reason_text(code) for code in codes)


def test_one_message_nobody_can_judge_holds_up_no_other(
    peer: SmtpPeer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison, good = waiting(now, kind="order_packed"), waiting(now, number="KP-2")
    monkeypatch.setattr("notifications.operations.weeding._against", partial(_stumble, poison.pk))

    for _turn in range(8):
        Message.objects.filter(pk=poison.pk, state="queued").update(due_at=now)
        send_messages(now)

    poison.refresh_from_db()
    good.refresh_from_db()
    assert (good.state, len(peer.accepted)) == ("sent", 1)
    assert (poison.state, poison.attempts) == ("failed", 8)
    assert poison.reason == "It could not be judged; the log of the workers says why."


def _stumble(poison_id: int, message: Message, now: object) -> str:
    if message.pk == poison_id:
        raise KeyError("a code without a sentence")
    return ""


def _change(order: Order, event: Event, change: dict[str, object], now: datetime) -> None:
    from returns.models import ReturnCase
    from support.models import Conversation

    if parcel := change.pop("parcel", None):
        row = order.parcels.order_by("number", "id")[0]
        row.status, row.tracking_number, row.delivered_at = str(parcel), "DP1", now
        row.save()
    if case := change.pop("case", None):
        ReturnCase.objects.update(status=case, decided_at=now, received_at=now)
    if change.pop("talks", False):
        conversation(at=now, order=order)
    if change.pop("answered", False):
        Conversation.objects.update(first_response_at=now)
    if change.pop("refunded", False):
        order.payment.grants.update(state="sent")
    if change.pop("delayed_again", False):
        event_for("order_delayed", at=now, order=order)
    Order.objects.filter(pk=order.pk).update(**change)


def test_what_is_still_true_goes_out(peer: SmtpPeer, now: datetime) -> None:
    """The control of the test above: nothing changed, nothing is held back."""
    for number, kind in enumerate(("order_packed", "parcel_handed_over", "order_delayed", "return_approved")):
        event_for(kind, at=now, order=placed_order(at=now, number=f"KP-1000-000{number}"))
    relay_events(now)

    send_messages(at_once())

    assert len(peer.accepted) == 4


def test_sigterm_finishes_the_current_message_and_gives_the_rest_back(peer: SmtpPeer, now: datetime) -> None:
    for number in range(3):
        waiting(now, number=f"KP-1000-000{number}")
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    execute = claiming.begin_attempt
    asked: list[int] = []

    def ask_to_stop(claim: claiming.Claim, *, after: claiming.Tried | None = None) -> bool:
        if not asked:
            asked.append(1)
            os.kill(os.getpid(), signal.SIGTERM)
        return execute(claim, after=after)

    try:
        claiming.begin_attempt = ask_to_stop
        send_messages(at_once())
    finally:
        claiming.begin_attempt = execute
        signal.signal(signal.SIGTERM, before)

    assert len(peer.accepted) == 1
    assert sorted(Message.objects.values_list("state", flat=True)) == ["queued", "queued", "sent"]
    assert heard == [signal.SIGTERM]
