"""What support hears about a message's fate: its answer went out or did not.

Called in the transaction that settles the message.  What goes wrong here never undoes the settling: the mail is out,
and a second copy would be worse.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from notifications.models import Message
from notifications.operations.resending import RESENT
from support.operations.replying import note_answer_failed, note_answer_sent, note_answer_unconfirmed

log = logging.getLogger(__name__)

ANSWER = "support_answer"


def tell_desk(*, message: Message, state: str, unconfirmed: bool, at: datetime) -> None:
    """Tell support what became of its answer.

    `unconfirmed` with the state `sent` means that nobody knows and nothing more is tried.
    """
    if message.kind != ANSWER:
        return
    try:
        with transaction.atomic():
            _tell_support(message, state, unconfirmed, at)
    except Exception:
        log.exception("nobody took note of message %s", message.pk)


def _tell_support(message: Message, state: str, unconfirmed: bool, at: datetime) -> None:
    answer_id = _first_asked(message).event.payload["message_id"]
    if state == "sent" and unconfirmed:
        note_answer_unconfirmed(message_id=answer_id, at=at, external_id=message.message_id)
    elif state == "sent":
        note_answer_sent(message_id=answer_id, at=at, external_id=message.message_id)
    elif state == "failed":
        note_answer_failed(message_id=answer_id, at=at, reason=message.reason)


def _first_asked(message: Message) -> Message:
    """Return the message this one is a copy of, however often it was copied; else the message itself."""
    while message.event.name == RESENT:
        message = Message.objects.select_related("event").get(pk=message.event.payload["message_id"])
    return message
