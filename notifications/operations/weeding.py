"""What of a claimed batch is not to go out any more: untrue, deadly, or not at this hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import translation

from notifications.messages import KINDS
from notifications.messages.reasons import reason_text
from notifications.messages.rendering import known_language
from notifications.models import Message
from notifications.operations import claiming, settling
from notifications.operations.claiming import Claim
from notifications.queries.standing import standings
from notifications.rules.standing import Standing


def weed_out(claims: Sequence[Claim], at: datetime) -> list[tuple[Claim, Message]]:
    """Settle what must not go out any more and return the rest, in the order of the claims."""
    lethal = claiming.note_interruptions(claims)
    rows = Message.objects.select_related("event").in_bulk([claim.message_id for claim in claims])
    standing = standings(list(rows.values()), at)
    wanted = []
    for claim in claims:
        row = rows.get(claim.message_id)
        if row is None:  # erased meanwhile
            continue
        if row.pk in lethal:
            settling.fail(row, claim, "Workers stopped while sending it, again and again.", at)
        elif reason := _untrue(row, standing[row.pk]):
            claiming.settle_claim(claim, state="suppressed", reason=reason)
        else:
            wanted.append((claim, row))
    return wanted


def _untrue(message: Message, now: Standing) -> str:
    """Return why a message would not be true any more, in staff's words; nothing for one a person sent again."""
    kind = KINDS.get(message.kind)
    if kind is None or message.event.name != kind.event:
        return ""
    code = kind.outdated(now)
    with translation.override(known_language("en")):
        return reason_text(code) if code else ""
