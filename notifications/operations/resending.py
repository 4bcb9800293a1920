"""A person sends a message once more: a new event, a new message, the same words."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from notifications.messages.kind import Recipient
from notifications.messages.rendering import Letter
from notifications.models import Message
from notifications.operations.composing import write_message
from notifications.rules.wishes import MAIL, PAGE
from shop import doorbell
from shop.models import Event, User
from shop.operations.events import record_event

RESENT = "notifications.message.resent"


class NothingToResend(Exception):
    """The message was never rendered (nobody needed it), or is still on its way."""


def resend_message(*, message_id: int, reason: str, by: User, at: datetime) -> Event:
    """Ask for a fresh copy of a message and return the event that says who did and why.

    Raises NothingToResend while the message is queued or being sent, and when it has no words.
    """
    with transaction.atomic():
        message = Message.objects.select_for_update(of=("self",)).select_related("event").get(pk=message_id)
        if message.state in (Message.State.QUEUED, Message.State.CLAIMED) or not message.text:
            raise NothingToResend
        return record_event(
            name=RESENT,
            subject=f"notifications.message:{message.pk}",
            order_number=message.order_number,
            payload={"message_id": message.pk, "kind": message.kind, "reason": reason[:200]} | _promise_of(message),
            actor=by,
            at=at,
        )


def _promise_of(message: Message) -> dict[str, int]:
    """Return the promise a message tells: its copy tells the same one."""
    told = message.event.payload.get("promise_id")
    return {} if told is None else {"promise_id": told}


def compose_copy(*, event: Event) -> Message:
    """Write the copy a `resent` event asks for; once however often the event is handed over."""
    original = Message.objects.get(pk=event.payload["message_id"])
    to = Recipient(
        original.recipient,
        original.recipient_name,
        original.locale,
        original.order_number,
        original.reply_to,
        original.in_reply_to,
    )
    letter = Letter(original.subject, original.text, original.html)
    doorbell.ring("notifications.send_messages")
    channel = MAIL if original.channel == PAGE else original.channel
    return write_message(event=event, kind=original.kind, to=to, letter=letter, channel=channel, lane=original.lane)
