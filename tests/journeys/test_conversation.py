"""Journey: she writes, an agent answers, she answers the mail, and it is one thread with nobody forgotten."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from orders.operations.access import issue_link
from shop import sweeps
from shop.models import Event, Inbound
from shop.queries.audit import breaches
from support.models import Conversation
from support.queries.addresses import conversation_address
from tests.factories.orders import placed_order
from tests.factories.support import agent, support_desk
from tests.support.mails import answer, post_raw

RIGHTS = ("view_conversation", "answer_conversation", "close_conversation")


def work_until_nothing_is_due() -> None:
    """What `manage.py drain` does."""
    while sum(sweeps.run(name, at=datetime.now(UTC)) for name in sweeps.registered()):
        continue


@pytest.mark.django_db(transaction=True)
def test_question_answer_and_reply_are_one_thread(client: Client) -> None:
    support_desk()
    order = placed_order(at=datetime.now(UTC) - timedelta(days=1))
    token = issue_link(order=order, at=datetime.now(UTC))

    page = client.get(reverse("support:contact"), {"order": token})
    assert order.number in page.text
    form = {
        "topic": "where",
        "message": "Will it be here before Friday?",
        "name": "Ana Costa",
        "email": "ana@example.com",
        "token": str(uuid.uuid4()),
        "order": token,
    }
    first, again = client.post(reverse("support:contact"), form), client.post(reverse("support:contact"), form)
    # The ticket carries the second it was signed in, so the same message may have two.
    assert (first.status_code, first.url.split(":")[0]) == (302, again.url.split(":")[0])
    conversation = Conversation.objects.get()
    assert conversation.number in client.get(first.url).text
    assert (conversation.order, conversation.status, conversation.next_due_kind) == (order, "open", "fr")

    desk = Client()
    desk.force_login(agent(*RIGHTS))
    queue = desk.get(reverse("admin:support_conversation_changelist"))
    assert conversation.number in queue.text
    screen = desk.get(reverse("admin:support_conversation_change", args=[conversation.pk])).text
    key = re.search(r'name="token" value="([0-9a-f-]{36})"', screen)
    assert key
    written = {"text": "Yes, on Thursday.", "seen_version": conversation.version, "token": key[1]}
    assert desk.post(reverse("admin:support_conversation_reply", args=[conversation.pk]), written).status_code == 302
    conversation.refresh_from_db()
    out = conversation.messages.get(kind="out")
    assert (out.delivery, conversation.waiting_since is None) == ("in_flight", False)

    work_until_nothing_is_due()
    letter = next(letter for letter in mail.outbox if "Yes, on Thursday." in letter.body)
    assert letter.reply_to == [conversation_address(conversation.pk)]
    conversation.refresh_from_db()
    assert (conversation.status, conversation.waiting_since) == ("waiting", None)

    to = conversation_address(conversation.pk)
    raw = answer(
        to=to, at=datetime.now(UTC), text="Lovely. And the candle?\n\nOn Monday Dilini wrote:\n> Yes, on Thursday."
    )
    assert [post_raw(client, raw, to=to) for _ in range(3)] == [202, 202, 202]
    work_until_nothing_is_due()

    conversation.refresh_from_db()
    joined = conversation.messages.order_by("-id").first()
    assert joined is not None
    assert (joined.text_new, joined.thread_reason) == ("Lovely. And the candle?", "reply address")
    assert (conversation.status, conversation.waiting_since) == ("open", joined.written_at)
    assert (Inbound.objects.count(), conversation.messages.count()) == (1, 3)
    said = Event.objects.filter(subject=f"support.conversation:{conversation.pk}").order_by("id")
    assert list(said.values_list("name", "order_number")) == [
        ("support.conversation.opened", order.number),
        ("support.message.answered", order.number),
        ("support.message.received", order.number),
    ]
    assert breaches() == []
