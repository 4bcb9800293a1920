"""What of a claimed batch is not to go out: untrue or unwanted by now, to a closed address, deadly, at night, too much.

Source: reliability reference T23, T24, T29 (no message after consent was withdrawn).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.utils import translation

from notifications.messages import KINDS
from notifications.messages.reasons import reason_text
from notifications.models import Message, Reader
from notifications.operations import claiming, settling
from notifications.operations.bundling import taken_apart
from notifications.operations.claiming import Claim
from notifications.operations.falling_back import try_another_way
from notifications.operations.turns import has_its_turn
from notifications.queries.readers import awake_at, closed_among, readers_of, still_wanted
from notifications.queries.standing import standings
from notifications.rules.outcomes import MAX_INTERRUPTIONS
from notifications.rules.standing import Standing
from shop.messages.languages import known_language

log = logging.getLogger(__name__)

PAUSE = timedelta(minutes=1)  # before a message that could not be judged is looked at again

Work = list[tuple[Claim, Message]]


@dataclass(frozen=True)
class _Now:
    """How things stand for one batch at this moment."""

    at: datetime
    lethal: set[int]
    closed: set[int]
    readers: dict[int, Reader]
    standing: dict[int, Standing]


def weed_out(claims: Sequence[Claim], at: datetime) -> Work:
    """Settle what must not go out any more and return the rest, in the order of the claims."""
    lethal = claiming.note_interruptions(claims)
    rows = Message.objects.select_related("event").in_bulk([claim.message_id for claim in claims])
    batch = list(rows.values())
    now = _Now(at, lethal, closed_among(batch), readers_of(batch), standings(batch, at))
    work = [(claim, rows[claim.message_id]) for claim in claims if claim.message_id in rows]
    return [(claim, message) for claim, message in work if _judged(claim, message, now)]


def _judged(claim: Claim, message: Message, now: _Now) -> bool:
    """Say whether a message may go now; one that nobody can judge waits, and is put aside after some times.

    Otherwise one poisoned message would hold up the forty-nine others of its batch, again and again.
    """
    try:
        return _may_go(claim, message, now)
    except DatabaseError:  # not this message's fault
        raise
    except Exception:
        log.exception("message %s could not be judged", message.pk)
    if claim.fence >= MAX_INTERRUPTIONS:
        settling.fail(message, claim, "It could not be judged; the log of the workers says why.", now.at)
    else:
        claiming.put_off(claim, until=now.at + PAUSE)
    return False


def _may_go(claim: Claim, message: Message, now: _Now) -> bool:
    """Say whether a message may go now; if not, settle it or put it off."""
    if message.pk in now.lethal:
        settling.fail(message, claim, "Workers stopped while sending it, again and again.", now.at)
        return False
    if reason := _against(message, now):
        claiming.settle_claim(claim, state="suppressed", reason=reason)
        return False
    if taken_apart(claim, message, now.at):
        return False
    if message.pk in now.closed:
        _close(claim, message, now.at)
        return False
    awake = _awake(message, now)
    if awake > now.at:
        claiming.put_off(claim, until=awake)
        return False
    return has_its_turn(claim, message, now.at)


def _against(message: Message, now: _Now) -> str:
    """Return why a message would not be true or wanted any more, in staff's words; nothing for one sent again."""
    kind = KINDS.get(message.kind)
    if kind is None or message.event.name != kind.event:
        return ""
    reader = now.readers.get(message.pk)
    unwanted = message.optional and not still_wanted(reader, message, asks_first=kind.asks_first)
    code = kind.outdated(now.standing[message.pk])
    with translation.override(known_language("en")):
        if unwanted:
            return translation.gettext("She does not want this kind any more.")
        return reason_text(code) if code else ""


def _close(claim: Claim, message: Message, at: datetime) -> None:
    """Fail a message to an address we do not write to any more, and find another way."""
    reason = translation.gettext("We do not write to this address any more.")
    with transaction.atomic():
        if claiming.settle_claim(claim, state="failed", reason=reason):
            message.reason = reason
            try_another_way(message=message, why="closed", at=at)


def _awake(message: Message, now: _Now) -> datetime:
    kind = KINDS.get(message.kind)
    if kind is None or kind.any_hour or kind.for_staff:
        return now.at
    reader = now.readers.get(message.pk)
    return awake_at(now.at, reader=reader, channel=message.channel, order_number=message.order_number)
