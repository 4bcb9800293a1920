"""A text came in: it stops the channel, opens it again, or becomes a message in her one conversation.

Only a number somebody confirmed with a code says whose it is.  Any other becomes a task for a person, with the number
in it: nobody answers into somebody else's thread.  Source: issue of the one voice (inbound texts); reliability
reference T46 (nobody gets into somebody else's conversation).
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from notifications.gateways.text_events import Incoming
from notifications.models import Reader, Suppression
from notifications.rules.texts import Wish, wishes_of
from shop.models import Inbound
from shop.operations.events import record_event
from support.operations.texting import Text, note_unknown_text, receive_text

SHE_SAID_STOP, SHE_SAID_START = "She texted the word to stop.", "She texted the word to start again."


@transaction.atomic
def hear_text(*, incoming: Incoming, row: Inbound, at: datetime) -> None:
    """Do what one text asks for; the same text again changes nothing."""
    reader = _reader_of(incoming)
    wishes = wishes_of(incoming.words)
    if reader is not None:
        reader.text_heard_at = max(at, reader.text_heard_at or at)
        reader.save(update_fields=["text_heard_at"])
    if Wish.STOP in wishes:
        _stop(incoming, reader, at)
    if Wish.START in wishes:
        _start(incoming, reader, at)
    if Wish.TALK in wishes:
        _talk(incoming, reader, row, at)


def _reader_of(incoming: Incoming) -> Reader | None:
    """Return who confirmed this number on this channel, locked; when several did, who did so last."""
    hers = Reader.objects.select_for_update().filter(
        text_channel=incoming.channel, text_address=incoming.number, text_confirmed_at__isnull=False
    )
    return hers.order_by("-text_confirmed_at", "-id").first()


def _stop(incoming: Incoming, reader: Reader | None, at: datetime) -> None:
    """Write no more to the number on this channel; what she must hear goes by mail."""
    row = Suppression(
        channel=incoming.channel,
        address=incoming.number.lower(),
        cause=Suppression.Cause.UNSUBSCRIBED,
        detail=SHE_SAID_STOP,
        since=at,
    )
    Suppression.objects.bulk_create([row], ignore_conflicts=True)
    _tell(reader, at)


def _start(incoming: Incoming, reader: Reader | None, at: datetime) -> None:
    """Write to the number again, where it was she who stopped it."""
    hers = Suppression.objects.filter(
        channel=incoming.channel, address=incoming.number.lower(), detail=SHE_SAID_STOP, lifted_at=None
    )
    if hers.update(lifted_at=at, lift_reason=SHE_SAID_START):
        _tell(reader, at)


def _tell(reader: Reader | None, at: datetime) -> None:
    if reader is not None:
        about = f"notifications.reader:{reader.pk}"
        record_event(name="notifications.reader.chose", subject=about, actor_kind="customer", at=at)


def _talk(incoming: Incoming, reader: Reader | None, row: Inbound, at: datetime) -> None:
    text = Text(incoming.channel, incoming.number, incoming.words, incoming.name, incoming.pictures)
    if reader is None:
        note_unknown_text(text=text, raw=row, at=at)
    else:
        receive_text(text=text, sender=reader.address.lower(), raw=row, at=at)
