"""Show what a kind of message would say about an order, without writing anything."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation

from notifications.messages import KINDS
from notifications.messages.rendering import Letter, known_language, render
from shop.models import Event


class UnknownKind(Exception):
    """There is no such kind of message."""


class NothingHappened(Exception):
    """Nothing has happened to this order that would call for such a message."""

    def __init__(self, event_name: str) -> None:
        super().__init__(event_name)
        self.event_name = event_name


def preview_message(*, kind: str, order_number: str, at: datetime) -> Letter:
    """Return the letter the newest fitting event of an order calls for.

    Takes the same path as the real message and takes everything back, its secret link included.
    Raises UnknownKind, NothingHappened.
    """
    if kind not in KINDS:
        raise UnknownKind(kind)
    asked = KINDS[kind]
    event = Event.objects.filter(name=asked.event, order_number=order_number).order_by("-id").first()
    if event is None:
        raise NothingHappened(asked.event)
    with transaction.atomic():
        source = asked.find(event)
        with translation.override(known_language(asked.to(source).locale)):
            letter = render(asked, asked.context(source, at))
        transaction.set_rollback(True)
    return letter
