"""Every kind that is registered is made by what really happens, and goes out exactly once however often it is heard.

The kinds are read from the register: a new one without a proof in triggers.py fails here, and so does a proof whose
operation stops recording the event.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest
from pytest_django import Settings

from notifications.messages import KINDS
from notifications.models import Message
from notifications.operations import composing
from notifications.operations.sending import send_messages
from shop.models import EventDelivery
from shop.operations.events import relay_events
from tests.faults.harness import SmtpPeer
from tests.notifications.triggers import PROOFS

HEARD = 3


@pytest.fixture(autouse=True)
def _one_moment(now: datetime, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    settings.SMALL_NEWS_MINUTES = 0


@pytest.fixture(scope="module")
def server() -> Iterator[SmtpPeer]:
    with SmtpPeer() as peer:
        yield peer


@pytest.fixture
def peer(server: SmtpPeer, settings: Settings) -> SmtpPeer:
    """A mail server to which Django's SMTP backend leads, empty again."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 20
    server.accepted.clear()
    return server


def hear(times: int, at: datetime) -> None:
    """Hand every event over `times` times, as a relay does that dies before it can say so."""
    for _time in range(times):
        EventDelivery.objects.filter(state="done").update(state="due", lease_until=None)
        while relay_events(at):
            pass


def test_every_kind_has_a_proof_and_nothing_else_has() -> None:
    assert set(PROOFS) == set(KINDS)


@pytest.mark.django_db
@pytest.mark.parametrize("name", KINDS)
def test_what_really_happens_makes_it_and_it_goes_out_exactly_once(name: str, peer: SmtpPeer, now: datetime) -> None:
    at = PROOFS[name](now)

    hear(HEARD, at)
    while send_messages(at):
        pass

    message = Message.objects.get(kind=name)
    assert (message.state, message.reason, message.recipient) == ("sent", "", "ana@example.com")
    assert message.message_id.startswith(f"<kp.{message.event_id}.{name}.")
    assert re.fullmatch(r"care(\+[co]-\d+-[a-z2-7]{16})?@.+", message.reply_to)  # every mail can be answered
    assert "+" in message.reply_to or name.startswith(
        ("account_", "alert_", "draft_", "credit_", "birthday", "anniversary", "campaign", "news_")
    )
    assert Counter(letter["Message-ID"].strip() for letter in peer.accepted)[message.message_id] == 1
    assert not EventDelivery.objects.exclude(state="done").exists()


@pytest.mark.django_db
def test_a_kind_whose_event_nobody_hears_has_no_proof(
    peer: SmtpPeer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the kind among those an event calls for, the same story leaves no message."""
    monkeypatch.setattr(composing, "kinds_of", lambda name: ())

    hear(HEARD, PROOFS["return_withdrawn"](now))

    assert not Message.objects.exists()
