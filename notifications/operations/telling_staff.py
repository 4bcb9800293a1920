"""A customer could not be told: staff hear of it and find another way."""

from __future__ import annotations

from datetime import datetime

from notifications.models import Message
from shop.operations.events import record_event

QUESTIONS = ("news_confirm", "alert_confirm")  # to an address anybody may have mistyped: nobody calls about that


def tell_staff_it_failed(*, message: Message, why: str, at: datetime) -> None:
    """Record that a customer could not be told, so that a person finds another way.

    `why` is address, closed, refused, given-up, interrupted or came-back.  The event names rows and never a person: the
    mail server's own words may repeat an address, so they stay with the message.
    """
    thread = message.event.payload.get("conversation_id")
    record_event(
        name="notifications.message.failed",
        subject=f"notifications.message:{message.pk}",
        order_number=message.order_number,
        payload={"message_id": message.pk, "kind": message.kind, "why": why}
        | ({} if thread is None else {"conversation_id": thread}),
        at=at,
    )
