"""An event becomes messages: found, addressed, rendered once, queued.  In the relay's transaction.

Source: reliability reference D2, B5; commerce reference d.7.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from notifications.messages import kinds_of
from notifications.messages.kind import Kind, Recipient
from notifications.messages.rendering import Letter, known_language, render
from notifications.models import Message
from notifications.rules.headers import UnsafeAddress, display_name, safe_address
from notifications.rules.identity import message_id
from shop import doorbell
from shop.models import Event
from shop.operations.events import record_event

CHANNEL = "email"


def compose_messages(*, event: Event, at: datetime) -> None:
    """Write the messages an event calls for, each once however often the event is handed over.

    What nobody needs is written too, as held back with its reason: every event with a rule leaves a row.
    An address no mail server should see leaves a failed row and an event for staff.
    """
    for kind in kinds_of(event.name):
        if not Message.objects.filter(event=event, kind=kind.name, channel=CHANNEL).exists():
            _compose(kind, event, at)
    doorbell.ring("notifications.send_messages")


def _compose(kind: Kind, event: Event, at: datetime) -> None:
    source = kind.find(event)
    recipient = kind.to(source)
    with translation.override(known_language(recipient.locale)):
        unwanted = kind.unwanted(source)
        problem = "" if unwanted else _address_problem(recipient)
        letter = Letter("", "", "") if unwanted or problem else render(kind, kind.context(source, at))
    if unwanted:
        write_message(event=event, kind=kind.name, to=recipient, letter=letter, state="suppressed", reason=unwanted)
    elif problem:
        failed = write_message(event=event, kind=kind.name, to=recipient, letter=letter, state="failed", reason=problem)
        tell_staff_it_failed(message=failed, why="address", at=at)
    else:
        write_message(event=event, kind=kind.name, to=recipient, letter=letter)


def _address_problem(recipient: Recipient) -> str:
    try:
        safe_address(recipient.address)
    except UnsafeAddress:
        return gettext("The address cannot be used for a mail.")
    return ""


def write_message(*, event: Event, kind: str, to: Recipient, letter: Letter, **fields: Any) -> Message:
    """Write one message unless it stands already, and return it.  Addresses and texts of headers are made safe here."""
    wanted = Message(
        event=event,
        kind=kind,
        channel=CHANNEL,
        recipient=to.address[:254],
        recipient_name=display_name(to.name),
        order_number=to.order_number,
        locale=to.locale,
        reply_to=to.reply_to,
        in_reply_to=to.in_reply_to,
        message_id=message_id(
            event_id=event.pk, kind=kind, recipient=to.address, channel=CHANNEL, domain=settings.REPLY_DOMAIN
        ),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        **fields,
    )
    Message.objects.bulk_create([wanted], ignore_conflicts=True)
    return Message.objects.get(message_id=wanted.message_id)


def tell_staff_it_failed(*, message: Message, why: str, at: datetime) -> None:
    """Record that a customer could not be told, so that a person finds another way.

    `why` is address, refused, given-up or interrupted.  The event names rows and never a person: the mail server's own
    words may repeat an address, so they stay with the message.
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
