"""What somebody was told about an order, for the page of the order and for staff."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from notifications.models import Message

AT_MOST = 50


def told_about(order_number: str, *, recipient: str, kinds: Collection[str]) -> QuerySet[Message]:
    """Return what reached the reader of an order or stands there for her to read, newest first.  One query."""
    out = Q(state=Message.State.SENT) | Q(state=Message.State.BUNDLED, told_in__state=Message.State.SENT)
    mine = Q(recipient__iexact=recipient) | ~Q(channel="email")
    rows = Message.objects.filter(out, mine, order_number=order_number, kind__in=kinds)
    return rows.annotate(told_at=Coalesce("told_in__sent_at", "sent_at")).order_by("-told_at", "-id")[:AT_MOST]


def every_message_of(order_number: str) -> QuerySet[Message]:
    """Return every message about an order, whatever became of it, newest first, without its long texts.  One query."""
    rows = Message.objects.filter(order_number=order_number).defer("text", "html", "brief")
    return rows.order_by("-id")[:AT_MOST]
