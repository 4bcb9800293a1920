"""Everything happens twice at once, sooner or later."""

from __future__ import annotations

import uuid
from datetime import datetime

import pytest

from shop.queries.audit import breaches
from support.models import Conversation, Message
from support.operations import replying
from tests.crowds import at_once
from tests.factories.support import agent, asked, support_desk

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_form_sent_at_once_is_one_conversation(now: datetime) -> None:
    support_desk()
    token = uuid.uuid4()

    found = at_once(lambda place: asked(at=now, token=token), times=5)

    assert len({getattr(message, "pk", message) for message in found}) == 1
    assert (Conversation.objects.count(), Message.objects.count()) == (1, 1)


def test_two_agents_who_answer_at_once_send_one_answer(now: datetime) -> None:
    conversation = asked(at=now).conversation
    conversation.refresh_from_db()
    agents = [agent() for _ in range(4)]

    def answer(place: int) -> object:
        return replying.reply(
            conversation_id=conversation.pk,
            text=f"Answer {place}.",
            by=agents[place],
            seen_version=conversation.version,
            client_token=uuid.uuid4(),
            at=now,
        )

    found = at_once(answer, times=4)

    assert sorted(isinstance(one, Message) for one in found) == [False, False, False, True]
    assert found.count(replying.NewerMessage) == 3
    assert conversation.messages.filter(kind="out").count() == 1
    assert breaches() == []
