"""The demo's order that arrived late: told in time by a letter of that day, then delivered, then regretted by the shop.

The letter is composed as every other; a mail server of those days took it, so the journal says, and nobody sends it
again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from notifications.models import Attempt, Message
from notifications.operations.composing import compose_messages
from orders.models import DelayCase
from orders.operations.promising import note_told
from orders.operations.seed_history import arrive_late, late_order
from shop.models import Event

_TAKEN_AFTER = timedelta(minutes=1)


def seed_late_letter(_at: datetime) -> str:
    """Tell the later day and let the order arrive, unless it did.  Needs the orders of the demo."""
    order = late_order() if settings.TEST_CARD else None
    if order is None:
        return "nothing to tell"
    with transaction.atomic():
        delay = DelayCase.objects.filter(order=order).order_by("round", "id")[0]
        event = Event.objects.get(name="orders.order.delayed", payload__delay_id=delay.pk)
        compose_messages(event=event, at=delay.noticed_at)
        for message in Message.objects.filter(event=event, state=Message.State.QUEUED).order_by("id"):
            _take(message, delay.noticed_at + _TAKEN_AFTER)
        arrive_late(order)
    return "1 order arrived late, as it was told"


def _take(message: Message, at: datetime) -> None:
    """Note that a mail server took a letter then."""
    Attempt.objects.create(
        message=message, number=1, outcome=Attempt.Outcome.ACCEPTED, reply="250 taken", started_at=at, finished_at=at
    )
    message.state, message.attempts, message.created_at, message.sent_at = Message.State.SENT, 1, at, at
    message.save(update_fields=["state", "attempts", "created_at", "sent_at"])
    note_told(promise_id=message.event.payload["promise_id"], at=at)
