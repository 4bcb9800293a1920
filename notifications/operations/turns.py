"""Whose turn it is: a mail nobody asked for goes, waits or is dropped, decided for one person at a time.

Two workers with two such mails to one person would both find that nothing went out lately; so whoever decides about
her holds a lock of her name until her decision is written.  Source: issue of the one voice (frequency cap across
everything).
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils import translation

from notifications.messages import KINDS
from notifications.messages.reasons import too_often, waits_for_its_turn
from notifications.models import Message
from notifications.operations import claiming
from notifications.operations.claiming import Claim
from notifications.queries.frequency import turn_of
from notifications.rules.frequency import Turn
from shop.messages.languages import known_language


def has_its_turn(claim: Claim, message: Message, at: datetime) -> bool:
    """Say whether a claimed message may go as far as its reader's peace is concerned; if not, put it off or drop it.

    What somebody asked for, and what staff send once more, always may.
    """
    kind = KINDS.get(message.kind)
    if kind is None or not kind.unasked or message.event.name != kind.event:
        return True
    with transaction.atomic():
        hold_peace_of(message.recipient)
        verdict = turn_of(
            message.recipient, written_at=message.created_at, patience=kind.patience, at=at, but=message.pk
        )
        if verdict.turn == Turn.GO:
            message.unasked_at = at
            return claiming.count_unasked(claim, at=at)
        with translation.override(known_language("en")):
            if verdict.turn == Turn.WAIT:
                claiming.wait_for_turn(claim, until=verdict.opens_at, reason=waits_for_its_turn(verdict))
            else:
                claiming.settle_claim(claim, state="suppressed", reason=too_often(verdict))
    return False


def hold_peace_of(address: str) -> None:
    """Let nobody else decide about one person's unasked mails until this transaction ends."""
    with connection.cursor() as cursor:
        name = f"notifications.unasked:{address.lower()}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
