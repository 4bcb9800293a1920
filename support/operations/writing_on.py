"""Going on with a conversation from the account: what she types there is what an answer by mail would be.

Source: support reference 9; ux reference 2.11.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from shop.models import User
from support.models import Conversation, Message
from support.operations.clock import lock_conversation, say, settle
from support.operations.opening import once, reopen, tell
from support.rules.threading import Reason


def write_on(*, conversation_id: int, client_token: UUID, text: str, customer: User, at: datetime) -> Message:
    """Add what she wrote to a conversation and put it back on the desk; whoever calls knows that it is hers.

    The same `client_token` is one message.  Raises Conversation.DoesNotExist, and shop.operations.limits.TooOften as
    the contact form does, which it shares its budget with.
    """
    return once(
        client_token=client_token,
        who=customer.email,
        write=lambda: _add(conversation_id, client_token, text, customer, at),
        at=at,
    )


@transaction.atomic
def _add(conversation_id: int, client_token: UUID, text: str, customer: User, at: datetime) -> Message:
    conversation: Conversation = lock_conversation(conversation_id)
    message = say(
        conversation,
        kind=Message.Kind.IN,
        text=text,
        at=at,
        channel="form",
        author=customer,
        author_name=customer.name,
        author_address=customer.email.lower(),
        client_token=client_token,
        thread_reason=Reason.FORM,
    )
    reopen(conversation)
    settle(conversation, at=at)
    tell("support.message.received", conversation, message_id=message.pk, at=at, actor_kind="customer")
    return message
