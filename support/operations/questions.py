"""A question about a piece: its conversation, due like any other, and what may be shown of it on the piece's page.

Source: ux reference 2.3; support reference 9.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from shop.models import ProductQuestion
from support.models import Conversation, Message
from support.operations.clock import say, settle
from support.operations.opening import begin, tell
from support.rules.threading import Reason


@transaction.atomic
def open_question(*, question: ProductQuestion, at: datetime) -> Conversation:
    """Open the conversation of a question, in which it is answered by mail; the same question has one."""
    known = Conversation.objects.filter(question=question).order_by("id").first()
    if known is not None:
        return known
    conversation = begin(
        kind=Conversation.Kind.QUESTION,
        origin=Conversation.Origin.CUSTOMER,
        channel="form",
        subject=question.product.name,  # in no language: it stands in her mails, too
        email=question.email,
        name=question.name,
        order=None,
        at=at,
        locale=question.locale,
        customer=question.customer,
    )
    conversation.question = question
    message = say(
        conversation,
        kind=Message.Kind.IN,
        text=question.text,
        at=at,
        channel="form",
        author=question.customer,
        author_name=question.name,
        author_address=question.email,
        client_token=question.token,
        thread_reason=Reason.PRODUCT_PAGE,
    )
    settle(conversation, at=at)
    tell("support.conversation.opened", conversation, message_id=message.pk, at=at, actor_kind="customer")
    return conversation
