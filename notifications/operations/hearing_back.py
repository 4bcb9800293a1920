"""A mail we counted as sent came back, or its reader wants no more of them.

The address is closed when the mailbox is gone or somebody complained; what she was to hear goes another way or becomes
a task.  Hearing the same twice changes nothing.  Source: reliability reference T23; issue of the one voice.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from notifications.models import Message, Suppression
from notifications.operations import feedback
from notifications.operations.falling_back import try_another_way
from notifications.rules.feedback import Meaning
from shop.models import User
from shop.operations.events import record_event


class NotClosed(Exception):
    """The address is open (any more): there is nothing to allow."""


class AlreadyClosed(Exception):
    """We do not write to this address as it is."""


def message_named(name: str, *, provider_id: str = "") -> Message | None:
    """Return the message with this Message-ID, or the one the provider keeps under its own number."""
    known = Q(message_id=f"<{name.strip('<> ')}>") if name else Q(pk=None)
    if provider_id:
        known |= Q(provider_id=provider_id)
    return Message.objects.filter(known).order_by("id").first()


@transaction.atomic
def note_feedback(*, message_id: int, meaning: Meaning, words: str, at: datetime) -> None:
    """Note what became of a mail after it was taken."""
    message = Message.objects.select_for_update(of=("self",)).select_related("event").get(pk=message_id)
    if meaning.cause:
        _close(message, cause=meaning.cause, detail=words, at=at)
    if meaning.came_back and message.state == Message.State.SENT:
        message.state, message.reason = Message.State.BOUNCED, (words or "It came back.")[:300]
        message.save(update_fields=["state", "reason"])
        feedback.tell_desk(message=message, state="failed", unconfirmed=False, at=at)
        if message.kind != feedback.ANSWER:  # its own conversation is on the desk again
            try_another_way(message=message, why="came-back", at=at)


@transaction.atomic
def close_address(*, message_id: int, reason: str, by: User, at: datetime) -> Suppression:
    """Write no more to the address of a message, because a person decided so.  Raises AlreadyClosed."""
    message = Message.objects.select_for_update(of=("self",)).get(pk=message_id)
    row = _close(message, cause=Suppression.Cause.BY_STAFF, detail=reason, at=at, by=by)
    if row is None:
        raise AlreadyClosed
    return row


@transaction.atomic
def allow_address(*, suppression_id: int, reason: str, by: User, at: datetime) -> None:
    """Write to an address again, with the reason a person gives.  Raises NotClosed."""
    row = Suppression.objects.select_for_update(of=("self",)).get(pk=suppression_id)
    if row.lifted_at is not None:
        raise NotClosed
    row.lifted_at, row.lifted_by, row.lift_reason = at, by, reason[:200]
    row.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    record_event(name="notifications.address.allowed", subject=f"notifications.suppression:{row.pk}", at=at, actor=by)


def _close(message: Message, *, cause: str, detail: str, at: datetime, by: User | None = None) -> Suppression | None:
    """Close the address of a message unless it is closed; the event names rows and never an address."""
    row = Suppression(
        channel=message.channel, address=message.recipient.lower(), cause=cause, detail=detail[:300], since=at
    )
    row.message = message
    Suppression.objects.bulk_create([row], ignore_conflicts=True)
    mine = Suppression.objects.filter(
        channel=message.channel, address__iexact=message.recipient, message=message, lifted_at=None, since=at
    )
    found = mine.order_by("id").first()
    if found is not None:
        record_event(
            name="notifications.address.closed",
            subject=f"notifications.suppression:{found.pk}",
            order_number=message.order_number,
            payload={"suppression_id": found.pk, "cause": cause},
            actor=by,
            at=at,
        )
    return found
