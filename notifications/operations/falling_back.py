"""A channel failed: the same news goes the next way she can be reached, and staff hear of it when there is none.

Source: issue of the one voice (fallback order per customer when a channel fails).
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils import translation

from notifications.messages import KINDS
from notifications.models import Message
from notifications.operations.composing import Told, write_on
from notifications.operations.telling_staff import QUESTIONS, tell_staff_it_failed
from notifications.queries.readers import reach_of
from notifications.rules.wishes import PAGE, STAFF, next_way
from shop.messages.languages import known_language

log = logging.getLogger(__name__)

TESTED = "notifications.message.tested"  # a preview somebody sent to herself
TEXT_CODE = "text_code"  # the code that opens a text channel: she sees that none came, and nobody else misses it


def try_another_way(*, message: Message, why: str, at: datetime) -> Message | None:
    """Write the same news on her next channel and return it; else tell staff and return None.

    In the transaction that settles the failed message.  What she may switch off is not worth a second channel, and
    what staff miss in a chat they find on the first page of the admin.
    """
    if message.channel == STAFF or message.kind in (TEXT_CODE, *QUESTIONS) or message.event.name == TESTED:
        return None
    other = _next(message, at)
    if other is None:
        tell_staff_it_failed(message=message, why=why, at=at)
    return other


def _next(message: Message, at: datetime) -> Message | None:
    kind = KINDS.get(message.kind)
    if kind is None or kind.optional or message.event.name != kind.event:
        return None
    try:
        with transaction.atomic():
            source = kind.find(message.event)
            to = kind.to(source)
            reach = reach_of(to.address, at=at)
            rows = Message.objects.filter(event=message.event, kind=kind.name).exclude(channel=PAGE).order_by("id")
            channel = next_way(tuple(reach.addresses), tried=set(rows.values_list("channel", flat=True)))
            if not channel:
                return None
            with translation.override(known_language(to.locale)):
                return write_on(Told(kind, message.event, to, kind.context(source, at)), channel, reach, at)
    except Exception:  # staff find a way then; a broken second way must not undo what became of the first
        log.exception("no other way for message %s", message.pk)
        return None
