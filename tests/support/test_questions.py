"""A question about a piece, from the product's page to the answer by mail and onto the page."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from notifications.models import Message as Mail
from shop.models import Event, ProductQuestion
from shop.operations.events import relay_events
from shop.queries.audit import breaches
from support.models import Conversation
from support.operations.replying import note_answer_sent, reply
from support.receivers import hear_question
from tests.factories.catalogue import tee
from tests.factories.questions import asked_about
from tests.factories.support import agent, support_desk
from tests.pages import words
from tests.support.test_admin import RIGHTS, screen, verb

pytestmark = pytest.mark.django_db


def asked(now: datetime) -> tuple[ProductQuestion, Conversation]:
    support_desk()
    row = asked_about(tee(), at=now, text="Is it warm? Yours, Ana", locale="de")
    while relay_events(now):
        pass
    return row, Conversation.objects.get()


def test_question_opens_one_conversation_with_a_due_time_and_a_receipt(now: datetime) -> None:
    row, conversation = asked(now)
    hear_question(Event.objects.get(name="shop.question.asked"))  # told twice

    assert Conversation.objects.get() == conversation
    assert (conversation.question, conversation.email, conversation.locale, conversation.origin) == (
        row, "ana@example.com", "de", "customer",
    )  # fmt: skip
    assert (conversation.waiting_since, conversation.next_due_kind) == (now, "fr")
    assert conversation.next_due_at == now + timedelta(hours=2)
    assert conversation.messages.get().text == row.text
    receipt = Mail.objects.get(kind="conversation_opened")
    assert (receipt.recipient, row.text in receipt.text) == ("ana@example.com", True)
    assert [breach for breach in breaches() if breach.code[0] == "U"] == []


def test_erased_question_opens_nothing(now: datetime) -> None:
    support_desk()
    asked_about(tee(), at=now)
    ProductQuestion.objects.update(email="")

    hear_question(Event.objects.get(name="shop.question.asked"))

    assert not Conversation.objects.exists()


def test_agent_previews_and_publishes_the_answer_without_who_asked(client: Client, now: datetime) -> None:
    _row, conversation = asked(now)
    person = agent(*RIGHTS)
    person.user_permissions.add(Permission.objects.get(codename="publish_productquestion"))
    client.force_login(person)
    answer = reply(
        conversation_id=conversation.pk, text="Dear Ana,\nit is.", by=person, seen_version=conversation.version,
        client_token=uuid.uuid4(), at=now,
    )  # fmt: skip
    note_answer_sent(message_id=answer.pk, at=now)
    offered = client.get(screen(conversation)).content.decode()
    assert "Dear Ana,\nit is.</textarea>" in offered
    publish = verb(conversation, "publish")

    refused = client.post(publish, {"question": "Is it warm? Ana", "answer": "It is.", "do": "publish"})
    looked = client.post(publish, {"question": "Is it warm?", "answer": "It is, Rui says.", "do": "preview"})

    assert (refused.status_code, looked.status_code) == (422, 200)
    assert "“Ana” tells who asked" in words(refused)
    assert "So it would stand there: Is it warm? It is, Rui says." in words(looked)
    assert ">It is, Rui says.</textarea>" in looked.content.decode()
    assert "Rui says" not in words(client.get("/p/tee/"))

    client.post(publish, {"question": "Is it warm?", "answer": "It is, Rui says.", "do": "publish"})

    assert "Is it warm? It is, Rui says." in words(Client().get("/p/tee/"))
    assert "It stands there since" in words(client.get(screen(conversation)))


def test_other_conversations_offer_no_page(client: Client, now: datetime) -> None:
    _row, conversation = asked(now)
    Conversation.objects.update(question=None)
    person = agent(*RIGHTS)
    person.user_permissions.add(Permission.objects.get(codename="publish_productquestion"))
    client.force_login(person)

    assert "On the page of" not in words(client.get(screen(conversation)))
    refused = client.post(verb(conversation, "publish"), {"question": "Q", "answer": "A"})
    assert (refused.status_code, "This conversation is not about a piece." in words(refused)) == (422, True)
