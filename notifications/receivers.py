"""What notifications hears: every event that calls for a message, and a person's wish to send one again."""

from __future__ import annotations

from django.utils import timezone

from notifications.messages import heard_names
from notifications.operations.composing import compose_messages
from notifications.operations.resending import RESENT, compose_copy
from shop import subscriptions
from shop.models import Event

CONSUMER = "notifications.compose"


def hear(event: Event) -> None:
    """Turn one event into messages."""
    if event.name == RESENT:
        compose_copy(event=event)
    else:
        compose_messages(event=event, at=timezone.now())


def listen() -> None:
    """Subscribe to every event with a kind of message."""
    subscriptions.subscribe(CONSUMER, *heard_names(), RESENT, call=hear)
