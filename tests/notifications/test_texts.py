"""Texts through apprise into a real HTTP server that takes, refuses, puts off, breaks off and is away."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from apprise.plugins.telegram import NotifyTelegram
from apprise.plugins.twilio import NotifyTwilio
from django.utils import timezone
from pytest_django import Settings

from notifications.gateways.texts import TextLine
from notifications.models import Message, Provider
from notifications.operations.sending import send_messages
from notifications.rules.limits import short_text
from notifications.rules.outcomes import Answer, Outcome
from shop.models import Event
from tests.conftest import personal_data_in
from tests.factories.notifications import queued, told
from tests.factories.orders import placed_order
from tests.processes import free_port

pytestmark = pytest.mark.django_db
NUMBER = "+351912345678"


class HttpPeer:
    """A provider of texts on this machine.  `status` may change at any time; 0 breaks the line without an answer."""

    def __init__(self) -> None:
        self.status = 200
        self.answer = b'{"ok": true, "result": {}}'
        self.taken: list[tuple[str, str]] = []
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                peer.taken.append((self.path, body))
                if peer.status == 0:
                    self.connection.close()
                    return
                self.send_response(peer.status)
                self.send_header("Content-Length", str(len(peer.answer)))
                self.end_headers()
                self.wfile.write(peer.answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def peer(settings: Settings) -> Iterator[HttpPeer]:
    server = HttpPeer()
    settings.TEXT_URLS = {"sms": f"json://127.0.0.1:{server.port}/to/{{to}}"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    yield server
    server.close()


@pytest.fixture
def text(now: datetime) -> Message:
    event = told(placed_order(at=now), "orders.link.requested", at=now)
    return queued(event, kind="tracking_link", channel="sms", recipient=NUMBER, text="KP-1 comes today.", html="")


def swept(message: Message) -> tuple[str, list[str]]:
    send_messages(timezone.now())
    message.refresh_from_db()
    return message.state, list(message.journal.order_by("number").values_list("outcome", flat=True))


def test_a_text_arrives_as_it_was_written(peer: HttpPeer, text: Message) -> None:
    assert swept(text) == ("sent", ["accepted"])

    ((path, body),) = peer.taken
    assert path == "/to/+351912345678"
    assert json.loads(body)["message"] == "KP-1 comes today."


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Outcome.PERMANENT), (404, Outcome.PERMANENT), (401, Outcome.TEMPORARY), (429, Outcome.TEMPORARY),
        (500, Outcome.UNKNOWN), (0, Outcome.UNKNOWN),
    ],
)  # fmt: skip
def test_each_answer_of_a_provider_has_its_outcome(
    peer: HttpPeer, text: Message, status: int, outcome: Outcome
) -> None:
    peer.status = status

    assert TextLine("sms").send(text).outcome == outcome


def test_a_provider_that_is_away_is_left_alone_while_mails_go_on(
    peer: HttpPeer, text: Message, settings: Settings, now: datetime
) -> None:
    """Source: reliability reference T23 (other channels go on)."""
    settings.TEXT_URLS = {"sms": f"json://127.0.0.1:{free_port()}/{{to}}"}
    mail = queued(told(placed_order(at=now, number="KP-2"), "orders.link.requested", at=now), kind="tracking_link")

    assert swept(text) == ("queued", ["temporary"])

    mail.refresh_from_db()
    assert mail.state == "sent"
    provider = Provider.objects.get(name="sms:json")
    assert provider.failures == 1
    assert provider.rests_until is not None
    assert provider.rests_until > timezone.now()


def test_a_channel_keeps_to_its_rate(peer: HttpPeer, text: Message, settings: Settings, now: datetime) -> None:
    settings.TEXT_RATES = {"sms": "2/h"}
    for number in range(4):
        queued(text.event, kind="tracking_link", channel="sms", recipient=f"+35191234560{number}", text="x")

    send_messages(timezone.now())
    send_messages(timezone.now())

    assert len(peer.taken) == 2
    Provider.objects.update(refilled_at=timezone.now() - timedelta(hours=1))
    send_messages(timezone.now())
    assert len(peer.taken) == 4


def test_nothing_apprise_says_reaches_our_log(peer: HttpPeer, text: Message, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for status in (200, 400, 0):
        peer.status = status
        TextLine("sms").send(text)

    lines = [record.getMessage() for record in caplog.records]
    assert personal_data_in(lines) == []
    assert not [line for line in lines if "912345678" in line or "KP-1 comes" in line]


def test_without_our_ear_apprise_would_log_the_number(
    peer: HttpPeer, text: Message, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    from notifications.gateways import texts

    monkeypatch.setattr(texts._Overheard, "__enter__", lambda self: self)
    monkeypatch.setattr(texts._Overheard, "__exit__", lambda self, *_: None)
    caplog.set_level(logging.DEBUG, logger="apprise")

    TextLine("sms").send(text)

    assert [record for record in caplog.records if "912345678" in record.getMessage()]


def test_twilio_gets_its_form_and_its_codes_are_understood(
    peer: HttpPeer, text: Message, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the host is ours: form, login and codes are Twilio's as apprise writes and reads them."""
    monkeypatch.setattr(NotifyTwilio, "notify_sms_url", f"http://127.0.0.1:{peer.port}/Accounts/{{sid}}/Messages.json")
    settings.TEXT_URLS = {"sms": f"twilio://AC{'a' * 32}:{'b' * 32}@15550001111/{{to}}"}
    peer.status, peer.answer = 201, b'{"sid": "SM1"}'

    assert TextLine("sms").send(text) == Answer(Outcome.ACCEPTED, 250)
    sent = parse_qs(peer.taken[0][1])
    assert (sent["Body"], sent["To"], sent["From"]) == (["KP-1 comes today."], ["+351912345678"], ["+15550001111"])

    for code, outcome in ((21211, Outcome.PERMANENT), (20429, Outcome.TEMPORARY), (20003, Outcome.TEMPORARY)):
        peer.status, peer.answer = 400, json.dumps({"code": code, "message": "x"}).encode()
        assert TextLine("sms").send(text).outcome == outcome


def test_telegram_gets_its_body(
    peer: HttpPeer, text: Message, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NotifyTelegram, "notify_url", f"http://127.0.0.1:{peer.port}/bot")
    settings.TEXT_URLS = {"telegram": "tgram://123456789:abcdefg_hijklmnop/{to}"}
    text.recipient = "12315544"

    assert TextLine("telegram").send(text).outcome == Outcome.ACCEPTED
    path, body = peer.taken[-1]
    assert path.endswith("/sendMessage")
    assert json.loads(body)["text"].strip() == "KP-1 comes today."


def test_an_address_apprise_cannot_read_fails_for_good_and_the_news_goes_by_mail(
    peer: HttpPeer, text: Message, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TEXT_URLS = {"sms": "unheard-of://{to}"}

    assert swept(text)[0] == "failed"

    mail = Message.objects.get(event=text.event, channel="email")
    assert (mail.recipient, mail.state) == ("ana@example.com", "queued")
    assert not Event.objects.filter(name="notifications.message.failed").exists()
    assert not [record for record in caplog.records if "912345678" in record.getMessage()]


@pytest.mark.parametrize("letters", [160, 459, 4096])
def test_a_text_is_never_longer_than_its_channel_and_keeps_its_link(letters: int) -> None:
    url = "https://shop.example/orders/" + "a" * 32 + "/"

    text = short_text(shop="Hearth & Thread", says="KP-1 will be later: " + "word " * 2000, url=url, letters=letters)

    assert len(text) <= letters
    assert text.endswith(f"… {url}")
