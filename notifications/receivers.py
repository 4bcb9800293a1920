"""What notifications hears: every event that calls for a message, and a person's wish to send one again."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from notifications.messages import heard_names
from notifications.operations.composing import compose_for_staff, compose_messages
from notifications.operations.resending import RESENT, compose_copy
from shop import subscriptions
from shop.models import Event

CONSUMER = "notifications.compose"
STAFF_CONSUMER = "notifications.tell-staff"


def hear(event: Event) -> None:
    """Turn one event into messages."""
    if event.name == RESENT:
        compose_copy(event=event)
    else:
        compose_messages(event=event, at=timezone.now())


def hear_for_staff(event: Event) -> None:
    """Tell staff about one event in their chats."""
    compose_for_staff(event=event, at=timezone.now())


def listen() -> None:
    """Subscribe to every event with a kind of message; for staff only where a chat is set up."""
    subscriptions.subscribe(CONSUMER, *heard_names(), RESENT, call=hear)
    names = heard_names(for_staff=True) if settings.STAFF_NOTICE_URLS else ()
    subscriptions.subscribe(STAFF_CONSUMER, *names, call=hear_for_staff)
