"""What providers and mail servers tell us later: proven, kept, understood once; the address closed, staff called."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from notifications.models import Message, Suppression
from notifications.operations.composing import compose_messages
from notifications.operations.hearing_back import NotClosed, allow_address, close_address
from orders.operations.promising import note_told
from shop.models import Event, Inbound
from shop.operations.events import relay_events
from shop.operations.inbound import process_inbound, receive_inbound
from shop.queries.audit import breaches
from support.models import Conversation
from tests.factories.notifications import event_for, told
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory
from tests.factories.support import support_desk

pytestmark = pytest.mark.django_db
PASSWORD = "postmark:a-long-password"
BASIC = "Basic " + base64.b64encode(PASSWORD.encode()).decode()
SIGNING_KEY = "key-of-mailgun"


@pytest.fixture(autouse=True)
def _providers(settings: Settings) -> None:
    settings.MAIL_EVENT_PROVIDERS = ["postmark", "mailgun"]
    settings.ANYMAIL = {"WEBHOOK_SECRET": PASSWORD, "MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY}


@pytest.fixture
def delayed(now: datetime) -> Message:
    """Ana was told of a delay, and her mail server took it."""
    support_desk()
    compose_messages(event=event_for("order_delayed", at=now), at=now)
    message = Message.objects.get(kind="order_delayed")
    message.journal.create(number=1, outcome="accepted")
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=now, provider_id="provider-1")
    note_told(promise_id=message.event.payload["promise_id"], at=now)
    message.refresh_from_db()
    return message


def bounce(message: Message, **more: Any) -> dict[str, Any]:
    """A delivery of Postmark's, as its documentation shows one."""
    return {
        "RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "MessageID": "provider-1", "Tag": message.kind,
        "Metadata": {"message": message.message_id.strip("<>")}, "Email": message.recipient,
        "Description": "The server was unable to deliver your message.", "Details": "smtp;550 5.1.1 no such mailbox",
        "BouncedAt": "2026-03-02T10:00:00Z", "ID": 42,
    } | more  # fmt: skip


def post(client: Client, body: dict[str, Any], *, auth: str | None = BASIC, provider: str = "postmark") -> int:
    headers = {"authorization": auth} if auth else {}
    url = f"/hooks/mail-events/{provider}/"
    return client.post(url, json.dumps(body), content_type="application/json", headers=headers).status_code


def understood(at: datetime) -> None:
    while process_inbound(at) or relay_events(at):
        pass


def test_a_mail_to_a_gone_mailbox_closes_the_address_and_calls_staff(
    client: Client, delayed: Message, now: datetime
) -> None:
    assert post(client, bounce(delayed)) == 202
    delayed.refresh_from_db()
    assert delayed.state == "sent"  # kept first, understood afterwards

    understood(now)

    delayed.refresh_from_db()
    assert (delayed.state, delayed.reason) == ("bounced", "smtp;550 5.1.1 no such mailbox")
    row = Suppression.objects.get()
    assert (row.channel, row.address, row.cause, row.message) == ("email", "ana@example.com", "bounced", delayed)
    subjects = list(Conversation.objects.order_by("id").values_list("subject", flat=True))
    assert f"We cannot reach the customer of {delayed.order_number} about the delay: call" in subjects
    assert [breach.code for breach in breaches() if breach.code[0] in "NU"] == []


def test_the_same_news_ten_times_is_told_once(client: Client, delayed: Message, now: datetime) -> None:
    for number in range(10):
        post(client, bounce(delayed, ID=42 if number % 2 else number))
        understood(now + timedelta(minutes=number))

    assert Suppression.objects.count() == 1
    names = ["notifications.message.failed", "notifications.address.closed"]
    assert [Event.objects.filter(name=name).count() for name in names] == [1, 1]


def test_a_message_is_found_by_the_providers_own_number(client: Client, delayed: Message, now: datetime) -> None:
    post(client, bounce(delayed, Metadata={}))

    understood(now)

    assert Suppression.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "state", "closed"),
    [
        ({"Type": "SoftBounce", "RecordType": "Bounce"}, "bounced", 1),
        ({"Type": "Transient"}, "sent", 0),
        ({"Type": "Blocked"}, "bounced", 0),
        ({"RecordType": "Delivery", "Type": None, "DeliveredAt": "2026-03-02T10:00:00Z"}, "sent", 0),
    ],
)
def test_what_is_of_the_moment_closes_nothing(
    client: Client, delayed: Message, now: datetime, change: dict[str, Any], state: str, closed: int
) -> None:
    body = {key: value for key, value in bounce(delayed, **change).items() if value is not None}
    assert post(client, body) == 202

    understood(now)

    delayed.refresh_from_db()
    assert (delayed.state, Suppression.objects.count()) == (state, closed)


def test_a_complaint_closes_the_address_and_staff_hear_of_it(client: Client, delayed: Message, now: datetime) -> None:
    post(client, bounce(delayed, RecordType="SpamComplaint", Type="SpamComplaint"))

    understood(now)

    delayed.refresh_from_db()
    assert (delayed.state, Suppression.objects.get().cause) == ("sent", "complained")
    case = Conversation.objects.get(case_key=f"unreachable:{delayed.order_number}")
    assert case.messages.get().text.startswith("Somebody reported our mail as unwanted")


@pytest.mark.parametrize(
    ("auth", "provider", "status"),
    [
        (None, "postmark", 401),
        ("Basic " + base64.b64encode(b"postmark:guessed").decode(), "postmark", 401),
        (BASIC, "sendgrid", 404),
        (BASIC, "nobody", 404),
    ],
)
def test_what_is_not_proven_is_not_kept(
    client: Client, delayed: Message, auth: str | None, provider: str, status: int
) -> None:
    assert post(client, bounce(delayed), auth=auth, provider=provider) == status
    assert not Inbound.objects.exists()


def test_without_a_secret_nothing_is_taken(client: Client, delayed: Message, settings: Settings) -> None:
    settings.ANYMAIL = {}

    assert post(client, bounce(delayed)) == 401
    assert post(client, bounce(delayed), provider="mailgun") == 404
    assert not Inbound.objects.exists()


def test_a_body_that_is_too_large_is_not_read(client: Client, delayed: Message, settings: Settings) -> None:
    settings.WEBHOOK_MAX_BYTES = 50

    assert post(client, bounce(delayed)) == 413


def mailgun(message: Message, *, key: str = SIGNING_KEY) -> dict[str, Any]:
    """A delivery of Mailgun's, signed over time and token."""
    stamp, token = "1772445600", "0123456789abcdef"
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": stamp, "token": token, "signature": signature},
        "event-data": {
            "event": "failed", "severity": "permanent", "reason": "bounce", "recipient": message.recipient,
            "timestamp": 1772445600.0, "message": {"headers": {"message-id": message.message_id.strip("<>")}},
            "user-variables": {"message": message.message_id.strip("<>")},
            "delivery-status": {"code": 550, "message": "5.1.1 gone"},
        },
    }  # fmt: skip


def test_a_provider_that_signs_is_believed_by_its_signature_alone(
    client: Client, delayed: Message, now: datetime, settings: Settings
) -> None:
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY}
    assert post(client, mailgun(delayed, key="forged"), auth=None, provider="mailgun") == 401
    assert post(client, mailgun(delayed), auth=None, provider="mailgun") == 202

    understood(now)

    delayed.refresh_from_db()
    assert (delayed.state, delayed.reason) == ("bounced", "5.1.1 gone")


def test_what_nobody_understands_is_parked(client: Client, delayed: Message, now: datetime) -> None:
    assert post(client, {"unheard": "of"}) == 202
    Inbound.objects.update(attempts=5)

    understood(now)

    assert Inbound.objects.get().state in ("parked", "ignored")


def report(message: Message, status: str = "5.1.1", action: str = "failed") -> bytes:
    """A mail server's own report, as it comes in by mail."""
    return (
        "From: Mail Delivery System <MAILER-DAEMON@mail.example>\r\nTo: care@hearth-and-thread.example\r\n"
        "Subject: Undelivered\r\nMessage-ID: <r-1@mail.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="cut"\r\n\r\n'
        "--cut\r\nContent-Type: text/plain\r\n\r\nNo such mailbox.\r\n"
        "--cut\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n"
        f"Final-Recipient: rfc822; ana@example.com\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"--cut\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {message.message_id}\r\nSubject: x\r\n\r\nx\r\n"
        "--cut--\r\n"
    ).encode()


def test_a_report_by_mail_calls_staff_and_closes_nothing(delayed: Message, now: datetime) -> None:
    """Anybody can write one, so a person decides about the address."""
    receive_inbound(source="mail", source_key="r-1", raw=report(delayed))

    understood(now)

    delayed.refresh_from_db()
    assert (delayed.state, delayed.reason, Suppression.objects.count()) == ("bounced", "5.1.1", 0)
    failed = Event.objects.get(name="notifications.message.failed")
    assert failed.payload["why"] == "came-back"


@pytest.mark.parametrize(("status", "action"), [("4.4.1", "delayed"), ("5.1.1", "delayed"), ("4.2.2", "failed")])
def test_a_report_of_a_delay_changes_nothing(delayed: Message, now: datetime, status: str, action: str) -> None:
    receive_inbound(source="mail", source_key="r-1", raw=report(delayed, status, action))

    understood(now)

    delayed.refresh_from_db()
    assert delayed.state == "sent"


def test_staff_close_an_address_and_open_it_again_with_a_reason(delayed: Message, now: datetime) -> None:
    person = StaffFactory()
    row = close_address(message_id=delayed.pk, reason="She asked on the phone", by=person, at=now)
    order = placed_order(at=now, number="KP-1000-0009")
    compose_messages(event=event_for("order_delayed", at=now, order=order), at=now)
    assert Message.objects.get(order_number="KP-1000-0009").state == "failed"

    allow_address(suppression_id=row.pk, reason="She called again", by=person, at=now)

    compose_messages(event=told(order, "orders.link.requested", at=now), at=now)
    assert Message.objects.filter(order_number="KP-1000-0009", kind="tracking_link").get().state == "queued"
    with pytest.raises(NotClosed):
        allow_address(suppression_id=row.pk, reason="Again", by=person, at=now)
    allowed = Event.objects.get(name="notifications.address.allowed")
    assert (allowed.actor, allowed.payload) == (person, {})


def test_no_address_stands_in_an_event(client: Client, delayed: Message, now: datetime) -> None:
    post(client, bounce(delayed))
    understood(now)

    for event in Event.objects.filter(name__startswith="notifications."):
        assert "@" not in json.dumps(event.payload) + event.subject


def test_an_answer_that_comes_back_is_on_the_desk_again(client: Client, now: datetime) -> None:
    support_desk()
    event = event_for("support_answer", at=now)
    compose_messages(event=event, at=now)
    message = Message.objects.get(kind="support_answer")
    Message.objects.update(state="sent", sent_at=now)
    post(client, bounce(message, Type="Blocked"))

    understood(now)

    assert Conversation.objects.order_by("id")[0].messages.get(kind="out").delivery == "failed"
    assert not Event.objects.filter(name="notifications.message.failed").exists()
