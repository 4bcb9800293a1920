"""What we told somebody, on a page of her account: hers by the addresses she proved, and nobody else's."""

from __future__ import annotations

import uuid
from datetime import datetime

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from notifications.messages import FOR_THE_MAILBOX
from notifications.models import Message
from notifications.queries.inbox import told_to
from shop.models import User
from support.models import Conversation
from support.models import Message as Said
from tests.factories.notifications import queued, told
from tests.factories.orders import placed_order
from tests.factories.shop import UserFactory
from tests.factories.support import asked
from tests.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return UserFactory(email="ana@example.com", name="Ana Costa")


@pytest.fixture
def hers(ana: User) -> Client:
    client = Client()
    client.force_login(ana)
    return client


def letter(at: datetime, *, to: str = "Ana@Example.com", customer: User | None = None, **fields: object) -> Message:
    """A letter about an order of its own that went out."""
    number = f"KP-{uuid.uuid4().int % 10_000:04d}-{uuid.uuid4().int % 10_000:04d}"
    order = placed_order(at=at, number=number, email=to, customer=customer)
    values: dict[str, object] = {"state": "sent", "sent_at": at, "subject": f"About {number}"}
    return queued(told(order, "orders.order.placed", at=at), recipient=to, **values | fields)


def page_of(message: Message) -> str:
    return f"/account/messages/{message.pk}/"


def typed(text: str = "Please ring twice.") -> dict[str, str]:
    return {"token": str(uuid.uuid4()), "message": text}


def test_she_reads_what_we_told_her_newest_first_and_goes_to_the_order(hers: Client, ana: User, now: datetime) -> None:
    first = letter(now, customer=ana, subject="Thank you")
    letter(now, subject="It is on its way")

    listed, read = words(hers.get("/account/messages/")), hers.get(page_of(first))

    assert listed.index("It is on its way") < listed.index("Thank you")
    assert "Hello, it is on its way." in words(read)
    assert f'href="/account/orders/{first.order_number}/"' in read.content.decode()
    assert read.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, True),
        ({"state": "failed"}, True),
        ({"state": "bounced"}, True),
        ({"channel": "inbox"}, True),
        ({"state": "queued"}, False),
        ({"state": "suppressed", "reason": "She was told already."}, False),
        ({"kind": "account_code"}, False),
        ({"to": "rui@example.com"}, False),
    ],
)
def test_only_what_is_hers_and_was_told_is_listed(
    fields: dict[str, str], shown: bool, ana: User, now: datetime
) -> None:
    message = letter(now, **fields)

    assert list(told_to(ana, without=FOR_THE_MAILBOX)) == ([message] if shown else [])


def test_an_address_she_did_not_prove_opens_nothing(hers: Client, ana: User, now: datetime) -> None:
    message = letter(now, to="work@example.com")
    claimed = EmailAddress.objects.create(user=ana, email="work@example.com", verified=False)

    before = hers.get(page_of(message)).status_code
    EmailAddress.objects.filter(pk=claimed.pk).update(verified=True)

    assert (before, hers.get(page_of(message)).status_code) == (404, 200)


def test_a_stranger_finds_nothing_and_answers_nothing(ana: User, now: datetime) -> None:
    message, his = letter(now), Client()
    his.force_login(UserFactory(email="rui@example.com"))

    got, posted = his.get(page_of(message)), his.post(page_of(message), typed())

    assert (got.status_code, posted.status_code, Conversation.objects.count()) == (404, 404, 0)
    assert "No message yet" in words(his.get("/account/messages/"))


def test_a_letter_of_a_stranger_is_words_and_nothing_else(hers: Client, now: datetime) -> None:
    message = letter(now, subject="<b>x</b>", text="<script>alert(1)</script>\n\nhttps://example.org/a?b=1&c=2")

    body = hers.get(page_of(message)).content.decode()

    assert "<script>alert(1)" not in body
    assert '<a href="https://example.org/a?b=1&amp;c=2" rel="nofollow">' in body


def test_the_list_goes_on_where_a_page_ended(hers: Client, now: datetime) -> None:
    event = letter(now, subject="Letter 00").event
    for number in range(1, 25):
        queued(event, kind=f"kind_{number}", state="sent", sent_at=now, subject=f"Letter {number:02d}")

    first = hers.get("/account/messages/")
    second = hers.get(f"/account/messages/?before={first.context['older']}")

    seen = [message.subject for page in (first, second) for message in page.context["letters"]]
    assert seen == [f"Letter {number:02d}" for number in reversed(range(25))]
    assert second.context["older"] is None
    assert hers.get("/account/messages/?before=no").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(
    hers: Client, now: datetime, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        letter(now)
    hers.get("/account/messages/")

    with django_assert_num_queries(6):
        hers.get("/account/messages/")


def test_the_list_is_found_by_its_index(ana: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = told_to(ana, without=FOR_THE_MAILBOX)[:20].explain()

    assert "message_to_somebody" in plan


def test_an_answer_about_an_order_begins_one_conversation(hers: Client, ana: User, now: datetime) -> None:
    message, answer = letter(now, customer=ana), typed()

    sent = [hers.post(page_of(message), answer).status_code for _ in range(2)]

    talk = Conversation.objects.get()
    assert sent == [302, 302]
    assert (talk.order.number, talk.email, talk.customer) == (message.order_number, "ana@example.com", ana)
    assert talk.subject == f"Re: {message.subject}"
    assert Said.objects.get().text == "Please ring twice."


def test_an_answer_to_an_answer_joins_its_conversation_and_wakes_it(hers: Client, ana: User, now: datetime) -> None:
    talk = asked(at=now).conversation
    Conversation.objects.filter(pk=talk.pk).update(status="closed", closed_at=now, waiting_since=None)
    reply = queued(
        told(placed_order(at=now, number="KP-9"), "support.answer.written", at=now, conversation_id=talk.pk),
        recipient=talk.email, kind="support_answer", state="sent", sent_at=timezone.now(),
    )  # fmt: skip

    assert hers.post(page_of(reply), typed("And in blue?")).status_code == 302

    talk.refresh_from_db()
    assert Conversation.objects.count() == 1
    assert (talk.status, talk.waiting_since is not None, talk.messages.count()) == ("open", True, 2)


def test_an_empty_answer_is_a_sentence_and_nothing_is_written(hers: Client, now: datetime) -> None:
    message = letter(now)

    answer = hers.post(page_of(message), typed("  "))

    assert (answer.status_code, Conversation.objects.count()) == (422, 0)
    assert "Write what we can do for you." in words(answer)


def test_the_seventh_answer_within_an_hour_comes_back_with_its_words(hers: Client, now: datetime) -> None:
    message = letter(now)
    for _ in range(6):
        hers.post(page_of(message), typed())

    answer = hers.post(page_of(message), typed("One more thing"))

    assert answer.status_code == 429
    assert "One more thing" in words(answer)
