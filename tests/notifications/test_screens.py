"""The outbox, the preview and the closed addresses, as staff see them; and the command that sends again."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from notifications.models import Message, Provider, Suppression
from notifications.operations.throttling import note_trouble
from orders.models import OrderAccess
from shop.models import Event
from shop.operations.events import relay_events
from tests.factories.notifications import event_for, queued, told
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory
from tests.notifications.test_admin import colleague

pytestmark = pytest.mark.django_db
LIST = "/admin/notifications/message/"


def test_the_outbox_shows_what_waits_what_failed_and_who_is_left_alone(client: Client, now: datetime) -> None:
    order = placed_order(at=now)
    moment = timezone.now()
    for fields in (
        {"due_at": moment - timedelta(minutes=3)}, {"channel": "sms", "lane": 0, "due_at": moment},
        {"state": "failed", "reason": "No such mailbox"}, {"state": "sent", "sent_at": moment},
    ):  # fmt: skip
        queued(told(order, "orders.order.placed", at=now), **fields)
    note_trouble(provider="email:smtp.example", problem="no line temporary", away=True)
    colleague(client, "view_message")

    page = " ".join(client.get(f"{LIST}outbox/").content.decode().split())

    assert "<td>Mail</td> <td>news</td> <td>1</td>" in page
    assert "<td>SMS</td> <td>somebody waits for it</td> <td>1</td>" in page
    assert "<td>1</td> <td>No such mailbox</td>" in page
    assert "<strong>email:smtp.example</strong> is left alone until" in page
    assert "Look whether the workers run" not in page
    Provider.objects.update(rests_until=None, failures=0)
    Message.objects.filter(state="queued").update(due_at=moment - timedelta(minutes=11))

    page = client.get(f"{LIST}outbox/").content.decode()

    assert "takes messages." in page
    assert "Look whether the workers run" in page


def test_a_preview_shows_the_letter_and_writes_nothing(client: Client, now: datetime) -> None:
    number = event_for("order_delayed", at=now).order_number
    colleague(client, "view_message")

    page = client.get(f"{LIST}preview/", {"kind": "order_delayed", "order": number.lower(), "locale": ""})
    frame = client.get(f"{LIST}preview/", {"kind": "order_delayed", "order": number, "locale": "", "frame": "1"})

    assert "We are sorry." in page.content.decode()
    assert frame.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert (Message.objects.count(), OrderAccess.objects.count()) == (0, 0)


def test_a_preview_about_an_order_without_such_news_says_so(client: Client, now: datetime) -> None:
    colleague(client, "view_message")

    answer = client.get(f"{LIST}preview/", {"kind": "order_delayed", "order": "KP-0"})

    assert (answer.status_code, "Nothing has happened to this order" in answer.content.decode()) == (422, True)


def test_a_test_goes_to_whoever_asks_and_to_nobody_else(client: Client, now: datetime) -> None:
    number = event_for("order_delayed", at=now).order_number
    values = {"kind": "order_delayed", "order": number, "locale": ""}
    colleague(client, "view_message")
    assert client.post(f"{LIST}preview/", values).status_code == 403
    assert not Message.objects.exists()
    person = colleague(client, "view_message", "test_message")

    assert client.post(f"{LIST}preview/", values).status_code == 303

    message = Message.objects.get()
    assert (message.recipient, message.lane, message.order_number) == (person.email, 0, "")
    assert message.subject.startswith(f"Test: {number} will be later")
    assert not OrderAccess.objects.exists()


def test_a_lead_allows_an_address_with_a_reason(client: Client, now: datetime) -> None:
    row = Suppression.objects.create(channel="email", address="ana@example.com", cause="bounced", since=now)
    url = f"/admin/notifications/suppression/{row.pk}/allow/"
    colleague(client, "view_suppression")
    assert client.post(url, {"reason": "x"}).status_code == 403
    person = colleague(client, "view_suppression", "lift_suppression")
    assert client.post(url, {"reason": ""}).status_code == 422

    assert client.post(url, {"reason": "She called: mailbox works"}).status_code == 303

    row.refresh_from_db()
    assert (row.lifted_by, row.lift_reason) == (person, "She called: mailbox works")


def test_a_lead_closes_the_address_of_a_message(client: Client, now: datetime) -> None:
    message = queued(told(placed_order(at=now), "orders.order.placed", at=now), state="sent", sent_at=now)
    colleague(client, "view_message", "lift_suppression")

    client.post(f"{LIST}{message.pk}/close-address/", {"reason": "She asked on the phone"})

    assert Suppression.objects.values_list("address", "cause", "detail").get() == (
        "ana@example.com", "by_staff", "She asked on the phone",
    )  # fmt: skip


def resend(*words: str) -> str:
    out = StringIO()
    call_command("resend", *words, stdout=out, stderr=out)
    return out.getvalue()


def failed(now: datetime, reason: str) -> Message:
    return queued(
        told(placed_order(at=now, number=f"KP-{reason}"), "orders.order.placed", at=now), state="failed", reason=reason
    )


def test_the_command_sends_again_what_failed_for_one_reason(now: datetime) -> None:
    person = StaffFactory()
    mine, other = failed(now, "Relaying"), failed(now, "Unknown")
    asks = ("--failed-since", "1", "--why", "relay", "--by", person.email.upper(), "--reason", "Set up wrongly")
    assert resend(*asks, "--dry-run") == "1 messages would be sent once more.\n"
    assert not Event.objects.filter(name="notifications.message.resent").exists()

    assert resend(*asks).startswith("1 of 1 messages are sent once more")

    relay_events(now)
    copy = Message.objects.exclude(pk__in=[mine.pk, other.pk]).get()
    assert (copy.text, copy.event.actor, copy.event.payload["reason"]) == (mine.text, person, "Set up wrongly")


def test_the_command_says_what_is_missing(now: datetime) -> None:
    message = queued(told(placed_order(at=now), "orders.order.placed", at=now))
    person = StaffFactory()
    with pytest.raises(CommandError, match=r"Nobody who works here has the address eve@example\.com"):
        resend("--message", str(message.pk), "--by", "eve@example.com", "--reason", "x")
    with pytest.raises(CommandError, match="There is no message 0; the admin's list has the numbers"):
        resend("--message", "0", "--by", person.email, "--reason", "x")

    said = resend("--message", str(message.pk), "--by", person.email, "--reason", "x")

    assert said.startswith(f"Message {message.pk} is on its way already, or was never written.\n0 of 1")


def test_nothing_goes_once_more_without_a_reason(now: datetime) -> None:
    message = failed(now, "550 No")

    with pytest.raises(CommandError, match="Say why"):
        resend("--message", str(message.pk), "--by", StaffFactory().email, "--reason", "   ")

    assert not Event.objects.filter(name="notifications.message.resent").exists()
