"""What a provider's answer makes of a message, and what else follows from it."""

from __future__ import annotations

import logging
import random
from datetime import datetime

from django.db import transaction

from notifications.messages import KINDS
from notifications.models import Message
from notifications.operations import claiming, feedback
from notifications.operations.claiming import Claim, Tried
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
    return Tried(claim, answer, verdict)


def has_consequences(message: Message, verdict: Verdict) -> bool:
    """Say whether somebody else has to know what became of a message, in the transaction that notes it."""
    return verdict.state == "failed" or message.kind == feedback.ANSWER or _told(message, verdict)


def _told(message: Message, verdict: Verdict) -> bool:
    return verdict.state == "sent" and not verdict.unconfirmed and feedback.tells_a_promise(message)


def finish_with_consequences(tried: Tried, message: Message, at: datetime) -> None:
    """Note what became of a message together with everything that follows from it."""
    message.reason = tried.answer.words[:300]
    try:
        with transaction.atomic():
            _finish_all(tried, message, at)
    except Exception:  # whoever listens failed; the mail is out all the same, and the journal must say so
        log.exception("nobody took note of message %s", message.pk)
        claiming.finish_attempt(tried.claim, tried.answer, tried.verdict)


def _finish_all(tried: Tried, message: Message, at: datetime) -> None:
    verdict = tried.verdict
    if not claiming.finish_attempt(tried.claim, tried.answer, verdict):
        return
    if verdict.state == "failed":
        try_another_way(message=message, why=_why(tried.answer), at=at)
    if _told(message, verdict):
        feedback.note_promise_told(message=message, at=at)
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
