"""What the other apps hear about a message's fate: support learns whether an answer went out.

Runs in the transaction that settles the message.  What goes wrong here is logged and never undoes the settling: the
mail is out, and a second copy would be worse.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from notifications.models import Message
from support.operations.replying import note_answer_failed, note_answer_sent

log = logging.getLogger(__name__)

INTERESTED = frozenset({"support_answer"})


def pass_on(*, message: Message, state: str, at: datetime) -> None:
    """Tell support that an answer was taken by the mail server, or refused for good.  Other kinds interest nobody."""
    if message.kind not in INTERESTED or state not in ("sent", "failed"):
        return
    try:
        with transaction.atomic():
            _tell_support(message, state, at)
    except Exception:
        log.exception("support could not take note of message %s", message.pk)


def _tell_support(message: Message, state: str, at: datetime) -> None:
    answer_id = message.event.payload["message_id"]
    if state == "sent":
        note_answer_sent(message_id=answer_id, at=at, external_id=message.message_id)
    else:
        note_answer_failed(message_id=answer_id, at=at, reason=message.reason)
