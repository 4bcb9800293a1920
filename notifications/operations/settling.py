"""What a provider's answer makes of a message, and what else follows from it.

A promise it told is marked by the statement that marks the letter; where that cannot be, the letter is marked alone
and the audit (N07) finds the promise.
"""

from __future__ import annotations

import logging
import random
from dataclasses import replace
from datetime import datetime

from django.db import DatabaseError, transaction

from notifications.messages import KINDS
from notifications.models import Message
from notifications.operations import claiming, feedback
from notifications.operations.claiming import Claim, Told, Tried
from notifications.operations.falling_back import try_another_way
from notifications.rules.outcomes import Answer, Outcome, Verdict, judge

log = logging.getLogger(__name__)


def judged(claim: Claim, message: Message, answer: Answer, at: datetime) -> Tried:
    """Ask the rule what becomes of a message after this answer."""
    kind = KINDS.get(message.kind)
    verdict = judge(
        answer,
        attempt=claim.fence,
        age_seconds=(at - (message.unasked_at or message.created_at)).total_seconds(),
        doubted=message.unconfirmed_at is not None,
        critical=kind is None or kind.critical,
        jitter=random.random(),  # noqa: S311 -- spreads retries, guards nothing
    )
    if answer.outcome != Outcome.ACCEPTED:
        log.info("message %s %s: %s %s", message.pk, message.kind, answer.outcome, answer.code)
    return Tried(claim, answer, verdict, _told(message, verdict, at))


def has_consequences(message: Message, verdict: Verdict) -> bool:
    """Say whether somebody else has to know what became of a message, in the transaction that notes it."""
    return verdict.state == "failed" or message.kind == feedback.ANSWER


def _told(message: Message, verdict: Verdict, at: datetime) -> Told | None:
    """Return the promise that counts as told now that the letter was taken, if there is one."""
    promise_id = message.event.payload.get("promise_id")
    taken = verdict.state == "sent" and not verdict.unconfirmed
    return Told(promise_id, at) if taken and promise_id is not None else None


def begin(claim: Claim, *, after: Tried | None) -> bool:
    """Journal that we are about to send, together with what became of the message before (claiming.begin_attempt)."""
    try:
        return claiming.begin_attempt(claim, after=after)
    except DatabaseError:
        if after is None or after.told is None:
            raise
        return claiming.begin_attempt(claim, after=_untold(after))


def finish(tried: Tried) -> bool:
    """Journal what became of a message; a promise that cannot be noted as told does not unsend the mail."""
    try:
        return claiming.finish_attempt(tried)
    except DatabaseError:
        if tried.told is None:
            raise
        return claiming.finish_attempt(_untold(tried))


def _untold(tried: Tried) -> Tried:
    log.exception("nobody took note of the promise of message %s", tried.claim.message_id)
    return replace(tried, told=None)


def finish_with_consequences(tried: Tried, message: Message, at: datetime) -> None:
    """Note what became of a message together with everything that follows from it."""
    message.reason = tried.answer.words[:300]
    try:
        with transaction.atomic():
            _finish_all(tried, message, at)
    except Exception:  # whoever listens failed; the mail is out all the same, and the journal must say so
        log.exception("nobody took note of message %s", message.pk)
        claiming.finish_attempt(replace(tried, told=None))


def _finish_all(tried: Tried, message: Message, at: datetime) -> None:
    verdict = tried.verdict
    if not claiming.finish_attempt(tried):
        return
    if verdict.state == "failed":
        try_another_way(message=message, why=_why(tried.answer), at=at)
    feedback.tell_desk(message=message, state=verdict.state, unconfirmed=verdict.unconfirmed, at=at)


def fail(message: Message, claim: Claim, reason: str, at: datetime) -> None:
    """Put a message aside for good and tell staff."""
    with transaction.atomic():
        if claiming.settle_claim(claim, state="failed", reason=reason):
            message.reason = reason
            try_another_way(message=message, why="interrupted", at=at)
            feedback.tell_desk(message=message, state="failed", unconfirmed=False, at=at)


def _why(answer: Answer) -> str:
    return "refused" if answer.outcome == Outcome.PERMANENT else "given-up"
