"""Texts that come in: signed or refused, kept once, joined to her conversation once her number is confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import Settings

from notifications.gateways import text_events
from notifications.models import Reader, Suppression
from notifications.queries.readers import reach_of
from notifications.rules.texts import Wish, wishes_of
from shop.models import Event, Inbound
from shop.operations.inbound import process_inbound
from shop.queries.audit import breaches
from support.models import Conversation, Message
from tests.factories.orders import placed_order
from tests.factories.support import asked

pytestmark = pytest.mark.django_db

HOOK, SITE, TOKEN = "/hooks/texts/twilio/", "https://shop.example", "12345"
ANA, HERS, FOREIGN = "ana@example.com", "+351912345678", "+351966666666"


@pytest.fixture(autouse=True)
def _listening(settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TWILIO_AUTH_TOKENS = ["old", TOKEN]
    settings.SITE_URL = SITE
    settings.TEXT_URLS = {"sms": "json://127.0.0.1/{to}", "whatsapp": "json://127.0.0.1/{to}", "telegram": ""}
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def ana(now: datetime) -> Reader:
    """Ana, who confirmed her number for SMS."""
    return Reader.objects.create(
        address=ANA, text_channel="sms", text_address=HERS, text_confirmed_at=now - timedelta(days=9), changed_at=now
    )


def post(client: Client, words: str, *, sid: str = "SM1", token: str = TOKEN, **more: str) -> int:
    """Post a text as Twilio does."""
    fields = {"MessageSid": sid, "From": HERS, "To": "+18005551212", "Body": words, "NumMedia": "0"} | more
    signature = text_events.signed(f"{SITE}{HOOK}", fields, token)
    form = "application/x-www-form-urlencoded"
    return client.post(
        HOOK, urlencode(fields), content_type=form, headers={"X-Twilio-Signature": signature}
    ).status_code


def hear(at: datetime) -> None:
    """Read what was posted, as of `at`."""
    Inbound.objects.update(received_at=at)
    while process_inbound(at):
        pass


def test_the_signature_is_the_one_twilios_own_library_writes() -> None:
    """Both were computed with RequestValidator("12345") of twilio 9.13.0."""
    called = {
        "CallSid": "CA1234567890ABCDE", "Caller": "+12349013030", "Digits": "1234", "From": "+12349013030",
        "To": "+18005551212",
    }  # fmt: skip
    texted = {
        "MessageSid": "SM1", "From": HERS, "To": "+18005551212", "Body": "Where is KP-1? ü", "NumMedia": "0",
        "Empty": "",
    }  # fmt: skip

    assert text_events.signed("https://mycompany.com/myapp.php?foo=1&bar=2", called, TOKEN) == (
        "0/KCTR6DLpKmkAf8muzZqo1nDgQ="
    )
    assert text_events.signed(f"{SITE}{HOOK}", texted, TOKEN) == "XhlwxhecyVg3wjTWgZvv3tvb9a4="


@pytest.mark.parametrize("broken", ["token", "body", "address", "none"])
def test_what_is_not_proven_is_refused_and_leaves_nothing(client: Client, ana: Reader, broken: str) -> None:
    fields = {"MessageSid": "SM1", "From": HERS, "Body": "Hello"}
    signature = text_events.signed(
        f"{SITE}{HOOK}{'?x=1' if broken == 'address' else ''}", fields, "other" if broken == "token" else TOKEN
    )
    sent = fields | ({"Body": "STOP"} if broken == "body" else {})

    answer = client.post(
        HOOK, urlencode(sent), content_type="application/x-www-form-urlencoded",
        headers={} if broken == "none" else {"X-Twilio-Signature": signature},
    )  # fmt: skip

    assert answer.status_code == 403
    assert not Inbound.objects.exists()


def test_without_a_token_nobody_listens_and_without_the_check_anybody_is_heard(
    client: Client, ana: Reader, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second half is the control."""
    settings.TWILIO_AUTH_TOKENS = []
    assert (post(client, "Hello"), Inbound.objects.count()) == (404, 0)

    monkeypatch.setattr(text_events, "check", lambda **_delivery: None)
    assert (post(client, "Hello", token="forged"), Inbound.objects.count()) == (204, 1)


def test_the_same_text_is_heard_once_however_often_it_is_posted(client: Client, ana: Reader, now: datetime) -> None:
    assert [post(client, "Where is it?") for _time in range(3)] == [204] * 3
    hear(now)
    Inbound.objects.update(state="received", settled_at=None, lease_until=None)  # a worker that died half-way
    hear(now)

    assert Inbound.objects.count() == 1
    assert Message.objects.filter(kind="in").count() == 1


def test_it_joins_what_she_last_talked_with_us_about(client: Client, ana: Reader, now: datetime) -> None:
    mailed = asked(at=now - timedelta(days=1), email=ANA).conversation
    post(client, "Any news? ü")
    hear(now)

    said = Message.objects.get(channel="sms")
    assert (said.conversation_id, said.text, said.author_address) == (mailed.pk, "Any news? ü", ANA)
    assert (said.external_id, said.thread_reason) == ("SM1", "from the number she confirmed")
    mailed.refresh_from_db()
    assert mailed.waiting_since is not None
    assert Event.objects.filter(name="support.message.received").count() == 1
    ana.refresh_from_db()
    assert ana.text_heard_at == now


def test_an_order_of_hers_that_it_names_comes_first_and_nobody_elses_does(
    client: Client, ana: Reader, now: datetime
) -> None:
    asked(at=now - timedelta(days=1), email=ANA)
    own = placed_order(at=now, number="KP-2041-0001", email=ANA)
    placed_order(at=now, number="KP-2041-0002", email="bea@example.com")
    post(client, "Where is KP-2041-0001?", sid="SM1")
    post(client, "And KP-2041-0002?", sid="SM2")
    hear(now)

    first, second = Message.objects.filter(channel="sms").order_by("id")
    assert first.conversation.order == own
    assert second.conversation.order == own  # the last she talked about, and not Bea's
    assert Conversation.objects.filter(order__email="bea@example.com").count() == 0


def test_without_a_conversation_one_begins(client: Client, ana: Reader, now: datetime) -> None:
    post(client, "Do you mend mugs?", NumMedia="2")
    hear(now)

    begun = Conversation.objects.get()
    assert (begun.email, begun.channel, begun.subject, begun.status) == (ANA, "sms", "Do you mend mugs?", "open")
    assert begun.messages.get().text == "Do you mend mugs?\n\n[2 pictures came with it; the provider keeps them]"
    assert [breach for breach in breaches() if breach.code.startswith("S")] == []


def test_a_number_nobody_confirmed_is_a_task_and_joins_nobody(client: Client, ana: Reader, now: datetime) -> None:
    asked(at=now - timedelta(days=1), email=ANA)
    Reader.objects.create(address="eve@example.com", text_channel="sms", text_address=FOREIGN, changed_at=now)
    post(client, "I am Ana", sid="SM1", From=FOREIGN)
    post(client, "Hello?", sid="SM2", From=FOREIGN)
    hear(now)

    task = Conversation.objects.get(origin="system")
    assert (task.email, task.messages.count()) == ("", 2)
    assert FOREIGN in task.messages.order_by("id")[0].text
    assert not Message.objects.filter(channel="sms").exists()


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("STOP", {Wish.STOP}), (" Stop. ", {Wish.STOP}), ("ABMELDEN", {Wish.STOP}), ("ＳＴＯＰ", {Wish.STOP}),
        ("Cancel", {Wish.STOP, Wish.TALK}), ("start", {Wish.START}), ("Please stop by on Monday", {Wish.TALK}),
        ("Stop sending me the blue ones", {Wish.TALK}), ("", {Wish.TALK}),
    ],
)  # fmt: skip
def test_a_word_that_stands_alone_stops_or_starts(said: str, wanted: set[Wish]) -> None:
    assert wishes_of(said) == wanted


def test_stop_ends_that_channel_for_her_and_mail_goes_on(client: Client, ana: Reader, now: datetime) -> None:
    assert set(reach_of(ANA, at=now).addresses) == {"email", "sms"}
    for sid in ("SM1", "SM2"):
        post(client, "STOP", sid=sid)
    hear(now)

    assert set(reach_of(ANA, at=now).addresses) == {"email"}
    assert Suppression.objects.filter(lifted_at=None).count() == 1
    assert not Conversation.objects.exists()

    post(client, "START", sid="SM3")
    hear(now)
    assert set(reach_of(ANA, at=now).addresses) == {"email", "sms"}


def test_start_does_not_open_what_staff_closed(client: Client, ana: Reader, now: datetime) -> None:
    Suppression.objects.create(channel="sms", address=HERS, cause="by_staff", detail="She rang", since=now)
    post(client, "START")
    hear(now)

    assert set(reach_of(ANA, at=now).addresses) == {"email"}


def test_cancel_stops_the_channel_and_is_read_by_a_person(client: Client, ana: Reader, now: datetime) -> None:
    post(client, "cancel")
    hear(now)

    assert set(reach_of(ANA, at=now).addresses) == {"email"}
    assert Conversation.objects.get().messages.get().text == "cancel"


def test_a_text_opens_the_window_of_whatsapp(client: Client, now: datetime) -> None:
    Reader.objects.create(
        address=ANA, text_channel="whatsapp", text_address=HERS, text_confirmed_at=now, changed_at=now
    )
    assert set(reach_of(ANA, at=now).addresses) == {"email"}
    post(client, "Hello", From=f"whatsapp:{HERS}")
    hear(now)

    assert set(reach_of(ANA, at=now).addresses) == {"email", "whatsapp"}
    assert Message.objects.get(kind="in").channel == "whatsapp"


def test_what_is_no_text_is_parked_and_shown(client: Client, now: datetime) -> None:
    post(client, "Hello", From="")
    hear(now)

    assert Inbound.objects.get().state == "parked"
    assert not Conversation.objects.exists()
