"""Journey: the courier holds her parcel, and she hears from us before the promised day is over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from notifications.models import Message
from notifications.operations.sending import send_messages
from orders.models import DelayCase, Order, Parcel
from orders.operations.delays import watch_promises
from orders.operations.packing import pack_parcel
from orders.operations.shipping import hand_over_parcel
from shop.models import Inbound
from shop.operations.events import relay_events
from shop.operations.inbound import process_inbound
from shop.queries.audit import breaches
from shop.rules.signatures import sign
from support.models import Conversation
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory
from tests.factories.support import support_desk
from tests.faults.harness import SmtpPeer

FRIDAY, MONDAY = date(2026, 3, 6), date(2026, 3, 9)


@pytest.fixture
def peer(settings: Settings) -> Iterator[SmtpPeer]:
    """A mail server to which Django's SMTP backend leads."""
    with SmtpPeer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def work(at: datetime) -> None:
    """What the sweeps do at `at`, until nothing is due."""
    while sum(sweep(at) for sweep in (process_inbound, watch_promises, relay_events, send_messages)):
        continue


def courier_says(code: str, *, at: datetime, **more: str) -> int:
    """Post one piece of news as the courier's machine does."""
    news = {"event_id": code, "tracking_number": "HP-1001", "code": code, "occurred_at": at.isoformat(), **more}
    body, stamp = json.dumps(news).encode(), int(datetime.now(UTC).timestamp())
    signature = sign(body=body, secret="demo-courier-secret", unix_seconds=stamp)
    url = reverse("orders:courier-hook", args=["demo"])
    headers = {"X-Kingpost-Signature": signature}
    status = Client().post(url, body, content_type="application/json", headers=headers).status_code
    Inbound.objects.filter(state="received").update(received_at=at)  # the hook has the real clock
    return status


def order_page(order: Order) -> str:
    person, desk = StaffFactory(), Client()
    person.user_permissions.set(Permission.objects.filter(codename__in=["view_order", "view_parcel"]))
    desk.force_login(person)
    return " ".join(desk.get(reverse("admin:orders_order_change", args=[order.pk])).text.split())


def words_of(letter: EmailMessage, form: str) -> str:
    part = letter.get_body((form,))
    assert part is not None
    return " ".join(part.get_content().split())


@pytest.mark.django_db(transaction=True)
def test_she_is_told_the_new_day_before_the_old_one_is_over(peer: SmtpPeer, now: datetime) -> None:
    support_desk()
    order = ordered(at=now)
    work(now + timedelta(seconds=20))
    first = order.promises.get(version=1)
    assert (first.told_at, first.deliver_by_on) == (now + timedelta(seconds=20), FRIDAY)

    parcel = pack_parcel(parcel_id=Parcel.objects.get().pk, by=None, at=now + timedelta(hours=1))
    hand_over_parcel(
        parcel_id=parcel.pk, carrier="demo", tracking_number="HP-1001", by=None, at=now + timedelta(hours=2)
    )
    held_at = now + timedelta(days=2)
    assert courier_says("held", at=held_at, reason="weather", eta_on=MONDAY.isoformat()) == 202
    told_at = held_at + timedelta(minutes=1)
    work(told_at)

    delay = DelayCase.objects.get()
    assert (delay.broken_promise, delay.new_promise.told_at) == (first, told_at)
    assert told_at < first.breaks_at
    letter = next(letter for letter in peer.accepted if "later" in letter["Subject"])
    assert letter["Subject"] == f"{order.number} will be later: arrives Mon 9 – Tue 10 March"
    for form in ("plain", "html"):
        said = words_of(letter, form)
        assert f"We promised your order {order.number} for Thu 5 – Fri 6 March" in said
        assert "Mon 9 – Tue 10 March" in said
        assert "Heavy weather slowed the roads, and the van had to wait." in said
        assert "We have asked the courier, look after your parcel every day" in said
        assert "If it is too late, answer this mail or call" in said

    assert Message.objects.get(kind="order_delayed").state == "sent"
    assert Conversation.objects.get().kind == "delay"
    page = order_page(order)
    assert page.count("told on") == 2
    work(told_at + timedelta(hours=1))
    assert sum("later" in letter["Subject"] for letter in peer.accepted) == 1
    assert breaches() == []
