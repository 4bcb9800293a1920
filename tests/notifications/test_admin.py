"""Staff read what was told, and may send it once more with a reason."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.models import Attempt, Message
from shop.models import Event, User
from shop.operations.events import relay_events
from tests.factories.notifications import event_for, queued, told
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/notifications/message/"


def colleague(client: Client, *codenames: str) -> User:
    person = StaffFactory()
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(person)
    return person


@pytest.fixture
def sent(now: datetime) -> Message:
    event_for("order_placed", at=now)
    relay_events(now)
    Message.objects.update(state="sent", sent_at=now)
    message = Message.objects.get()
    Attempt.objects.create(message=message, number=1, outcome="accepted", reply="250")
    return message


def test_an_agent_reads_the_words_but_not_the_secret_link(client: Client, sent: Message) -> None:
    colleague(client, "view_message")

    page = client.get(f"{LIST}{sent.pk}/change/").content.decode()
    frame = client.get(f"{LIST}{sent.pk}/letter/")

    assert "Thank you, Ana." in page
    assert "/orders/…" in page
    assert f'src="{LIST}{sent.pk}/letter/"' in page
    secret = sent.text.split("/orders/")[1].split("/")[0]
    assert len(secret) == 32
    assert secret not in page + frame.content.decode()
    assert frame.headers["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )


@pytest.mark.parametrize("path", ["", "{pk}/change/", "{pk}/letter/"])
def test_a_colleague_without_the_right_sees_nothing(client: Client, sent: Message, path: str) -> None:
    colleague(client)

    assert client.get(LIST + path.format(pk=sent.pk)).status_code == 403


def test_a_stranger_is_asked_to_log_in(client: Client, sent: Message) -> None:
    assert client.get(f"{LIST}{sent.pk}/letter/").status_code == 302


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_much_for_three_as_for_one(
    client: Client, now: datetime, rows: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    order = placed_order(at=now)
    for _row in range(rows):
        queued(told(order, "orders.order.placed", at=now))
    colleague(client, "view_message")

    with django_assert_max_num_queries(10):
        page = client.get(LIST)

    assert page.status_code == 200
    assert page.content.decode().count("KP-2041-7736") >= rows


def test_resending_writes_a_new_message_with_the_reason(client: Client, sent: Message, now: datetime) -> None:
    person = colleague(client, "view_message", "resend_message")

    answer = client.post(f"{LIST}{sent.pk}/resend/", {"reason": "She deleted it"})

    assert answer.status_code in (302, 303)
    event = Event.objects.get(name="notifications.message.resent")
    assert (event.actor, event.payload["reason"]) == (person, "She deleted it")
    relay_events(now)
    copy = Message.objects.get(event=event)
    assert (copy.state, copy.text, copy.kind) == ("queued", sent.text, "order_placed")
    assert copy.message_id != sent.message_id
    relay_events(now)
    assert Message.objects.count() == 2


@pytest.mark.parametrize(("right", "reason", "status"), [("view_message", "x", 403), ("resend_message", "", 200)])
def test_resending_needs_the_right_and_a_reason(
    client: Client, sent: Message, right: str, reason: str, status: int
) -> None:
    colleague(client, "view_message", right)

    answer = client.post(f"{LIST}{sent.pk}/resend/", {"reason": reason})

    assert answer.status_code in (status, 422)
    assert not Event.objects.filter(name="notifications.message.resent").exists()


def test_staff_read_no_code_that_opens_an_account(now: datetime) -> None:
    """Whoever reads messages could else ask for a code herself, and be the shopper."""
    event_for("account_code", at=now)
    relay_events(now)
    message = Message.objects.get(kind="account_code")
    client = Client()
    client.force_login(StaffFactory(is_superuser=True))

    pages = [
        client.get(f"/admin/notifications/message/{path}").content.decode()
        for path in ("", f"{message.pk}/change/", f"{message.pk}/letter/")
    ]

    assert "BCDF-GHJK" in message.text
    assert [page for page in pages if "BCDF-GHJK" in page] == []
