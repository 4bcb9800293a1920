"""Send what is due: claim a batch, ask whether each message is still true, send it, journal the answer.

The sweep of the Celery workers and of `manage.py drain`.  It holds no lock and no transaction while it speaks to the
mail server; whatever dies half-way is found by its lease.  Source: reliability reference D3-D5, T20-T24.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import translation

from notifications.gateways.email import MailConnection, MailServerAway
from notifications.messages import KINDS
from notifications.messages.reasons import reason_text
from notifications.messages.rendering import known_language
from notifications.models import Message
from notifications.operations import claiming
from notifications.operations.claiming import Claim
from notifications.operations.composing import tell_staff_it_failed
from notifications.operations.feedback import pass_on, somebody_listens
from notifications.operations.stopping import finish_current
from notifications.queries.standing import standings
from notifications.rules.outcomes import Answer, Outcome, Verdict, judge
from notifications.rules.standing import Standing

log = logging.getLogger(__name__)

BATCH = 50
SECONDS_PER_BATCH = 10  # a slow server: the rest goes back, so that no lease runs out unused


def send_messages(at: datetime) -> int:
    """Send due messages, at most one batch, oldest first; return how many were settled (0 when the server is away)."""
    claims = claiming.claim_messages(BATCH)
    if not claims:
        return 0
    lethal = claiming.note_interruptions(claims)
    messages = {claim.message_id: claim for claim in claims}
    rows = list(Message.objects.select_related("event").filter(pk__in=messages).order_by("due_at", "id"))
    wanted = _weed_out(rows, messages, standings(rows, at), lethal, at)
    sent = _send_all([(messages[row.pk], row) for row in wanted], at)
    return len(claims) - len(wanted) + sent


def _weed_out(
    rows: Sequence[Message], claims: dict[int, Claim], standing: dict[int, Standing], lethal: set[int], at: datetime
) -> list[Message]:
    """Settle what must not go out any more and return the rest."""
    wanted = []
    for row in rows:
        if row.pk in lethal:
            _fail(row, claims[row.pk], "Workers stopped while sending it, again and again.", at)
        elif reason := _untrue(row, standing[row.pk]):
            claiming.settle_claim(claims[row.pk], state="suppressed", reason=reason)
        else:
            wanted.append(row)
    return wanted


def _untrue(message: Message, now: Standing) -> str:
    """Return why a message would not be true any more, in staff's words; nothing for one a person sent again."""
    kind = KINDS.get(message.kind)
    if kind is None or message.event.name != kind.event:
        return ""
    code = kind.outdated(now)
    with translation.override(known_language("en")):
        return reason_text(code) if code else ""


def _send_all(work: Sequence[tuple[Claim, Message]], at: datetime) -> int:
    """Send on one connection; stop after the current message when asked to; return how many were settled."""
    settled, stop_at = 0, time.monotonic() + SECONDS_PER_BATCH
    with finish_current() as stopping, MailConnection() as server:
        for position, (claim, message) in enumerate(work):
            if stopping() or time.monotonic() > stop_at:
                claiming.release_claims([claim for claim, _ in work[position:]])
                return settled
            try:
                server.open()
            except MailServerAway as away:
                _defer(work[position:], away.answer, at)
                return settled
            settled += _send_one(server, claim, message, at)
    return settled


def _send_one(server: MailConnection, claim: Claim, message: Message, at: datetime) -> int:
    if not claiming.begin_attempt(claim):
        log.info("message %s went to another worker", message.pk)
        return 0
    answer = server.send(message)
    _settle(claim, message, answer, at)
    return 1


def _defer(work: Sequence[tuple[Claim, Message]], answer: Answer, at: datetime) -> None:
    """Journal that the server was away, for each message that waited for it."""
    log.warning("mail server away: %s", answer.words)
    for claim, message in work:
        if claiming.begin_attempt(claim):
            _settle(claim, message, answer, at)


def _settle(claim: Claim, message: Message, answer: Answer, at: datetime) -> None:
    kind = KINDS.get(message.kind)
    verdict = judge(
        answer,
        attempt=claim.fence,
        age_seconds=(at - message.created_at).total_seconds(),
        doubted=message.unconfirmed_at is not None,
        critical=kind is None or kind.critical,
        jitter=random.random(),  # noqa: S311 -- spreads retries, guards nothing
    )
    if answer.outcome != Outcome.ACCEPTED:
        log.info("message %s %s: %s %s", message.pk, message.kind, answer.outcome, answer.code)
    if verdict.state == "failed" or somebody_listens(message):
        _finish_with_consequences(claim, message, answer, verdict, at)
    else:
        claiming.finish_attempt(claim, answer, verdict)


def _finish_with_consequences(claim: Claim, message: Message, answer: Answer, verdict: Verdict, at: datetime) -> None:
    with transaction.atomic():
        if not claiming.finish_attempt(claim, answer, verdict):
            return
        message.reason = answer.words[:300]
        if verdict.state == "failed":
            tell_staff_it_failed(message=message, why=_why(answer), at=at)
        pass_on(message=message, state=verdict.state, unconfirmed=verdict.unconfirmed, at=at)


def _fail(message: Message, claim: Claim, reason: str, at: datetime) -> None:
    with transaction.atomic():
        if claiming.settle_claim(claim, state="failed", reason=reason):
            message.reason = reason
            tell_staff_it_failed(message=message, why="interrupted", at=at)
            pass_on(message=message, state="failed", unconfirmed=False, at=at)


def _why(answer: Answer) -> str:
    return "refused" if answer.outcome == Outcome.PERMANENT else "given-up"
