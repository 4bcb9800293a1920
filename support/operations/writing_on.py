"""Going on with a conversation from the account: what she types there is what an answer by mail would be.

Source: support reference 9; ux reference 2.11.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from shop.models import User
from shop.operations.limits import TooOften, spend
from support.models import Conversation, Message
from support.operations.clock import lock_conversation, say, settle
from support.operations.opening import FORM_BUDGET, FORM_WINDOW, message_of_token, reopen, tell
from support.rules.threading import Reason


def write_on(*, conversation_id: int, client_token: UUID, text: str, customer: User, at: datetime) -> Message:
    """Add what she wrote to a conversation and put it back on the desk; whoever calls knows that it is hers.

    The same `client_token` is one message.  Raises Conversation.DoesNotExist, and shop.operations.limits.TooOften as
    the contact form does, which it shares its budget with.
    """
    known = message_of_token(client_token)
    if known is not None:
        return known
    try:
        spend(purpose="support.form", who=customer.email.lower(), budget=FORM_BUDGET, window=FORM_WINDOW, at=at)
        return _add(conversation_id, client_token, text, customer, at)
    except (IntegrityError, TooOften):
        known = message_of_token(client_token)  # the same form, sent several times at once
        if known is None:
            raise
        return known


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
