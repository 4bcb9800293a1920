"""When we last wrote to somebody of our own accord, and whether one more such mail has its turn."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Lower

from notifications.models import Message
from notifications.rules.frequency import Cap, Verdict, judge

_LIVING = (Message.State.QUEUED, Message.State.CLAIMED, Message.State.SENT)


def cap() -> Cap:
    """Return how often we write of our own accord."""
    return Cap(settings.UNASKED_MOST, timedelta(days=settings.UNASKED_DAYS))


def turn_of(
    address: str, *, written_at: datetime, patience: timedelta, at: datetime, but: int | None = None
) -> Verdict:
    """Say whether a mail nobody asked for may go to an address now; message `but` itself is not counted.

    One query (index `message_unasked`).
    """
    rows = Message.objects.alias(to=Lower("recipient")).filter(
        to=address.lower(), unasked_at__gt=at - cap().window, state__in=_LIVING
    )
    found = rows.exclude(pk=but or 0).order_by("unasked_at", "id").values_list("unasked_at", flat=True)
    counted = [moment for moment in found if moment is not None]
    return judge(counted, cap=cap(), at=at, written_at=written_at, patience=patience)
