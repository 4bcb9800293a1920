"""Send what is due: claim a batch, ask whether each message is still true, send it, journal the answer.

The sweep of the Celery workers and of `manage.py drain`.  It holds no lock and no transaction while it speaks to a
provider; whatever dies half-way is found by its lease.  Source: reliability reference D3-D5, T20-T24.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

from notifications.gateways.channels import channels
from notifications.gateways.lines import Channel, Line, ProviderAway
from notifications.models import Message
from notifications.operations import claiming, settling, throttling
from notifications.operations.bundling import bundle_small_news
from notifications.operations.claiming import Claim, Tried
from notifications.operations.stopping import finish_current
from notifications.operations.weeding import weed_out
from notifications.rules.breaker import PUT_OFFS_IN_A_ROW
from notifications.rules.outcomes import Answer, Outcome

log = logging.getLogger(__name__)

BATCH = 50
SECONDS_PER_BATCH = 10  # a slow server: the rest goes back, so that no lease runs out unused

Work = Sequence[tuple[Claim, Message]]


def send_messages(at: datetime) -> int:
    """Send due messages, at most one batch a channel; return how many were settled (0 when nobody takes any)."""
    bundle_small_news(at)
    return sum(_send_on(channel, at) for channel in channels())


def _send_on(channel: Channel, at: datetime) -> int:
    allowed = throttling.allowance(provider=channel.provider, wanted=BATCH, rate=channel.rate)
    if not allowed.messages:
        return 0
    claims = claiming.claim_messages(allowed.messages, channel=channel.name)
    wanted = weed_out(claims, at) if claims else []
    throttling.give_back(provider=channel.provider, messages=allowed.messages - len(wanted), rate=channel.rate)
    if allowed.probing and not wanted:
        throttling.end_probe(provider=channel.provider)
    sent = _Batch(channel, probing=allowed.probing, at=at).send(wanted) if wanted else 0
    return len(claims) - len(wanted) + sent


class _Batch:
    """One batch on one line.  What became of a message is noted together with the beginning of the next."""

    def __init__(self, channel: Channel, *, probing: bool, at: datetime) -> None:
        self._channel = channel
        self._probing = probing
        self._at = at
        self._to_note: Tried | None = None
        self._settled = 0
        self._put_off = 0

    def send(self, work: Work) -> int:
        """Send as long as we may; give the rest back; return how many were settled."""
        stop_at = time.monotonic() + SECONDS_PER_BATCH
        with finish_current() as stopping, closing(self._channel.line()) as line:
            for position, (claim, message) in enumerate(work):
                if stopping() or time.monotonic() > stop_at:
                    self._give_back(work[position:])
                    break
                if not self._go_on(line, claim, message) or self._put_off >= PUT_OFFS_IN_A_ROW:
                    self._give_back(work[position + 1 :])
                    break
            self._note()
        return self._settled

    def _go_on(self, line: Line, claim: Claim, message: Message) -> bool:
        """Send one message; False when there is nobody to send it to, and so for the rest."""
        try:
            line.open()
        except ProviderAway as away:
            log.warning("%s away: %s", self._channel.provider, away.answer.words)
            self._begin(claim)
            self._settle(claim, message, away.answer)
            self._trouble(away.answer)
            return False
        if not self._begin(claim):
            log.info("message %s went to another worker", message.pk)
            return True
        answer = line.send(message)
        self._settle(claim, message, answer)
        self._count(answer)
        return not answer.away

    def _begin(self, claim: Claim) -> bool:
        noted, self._to_note = self._to_note, None
        return settling.begin(claim, after=noted)

    def _settle(self, claim: Claim, message: Message, answer: Answer) -> None:
        tried = settling.judged(claim, message, answer, self._at)
        if settling.has_consequences(message, tried.verdict):
            settling.finish_with_consequences(tried, message, self._at)
        else:
            self._to_note = tried
        self._settled += 1

    def _give_back(self, work: Work) -> None:
        claiming.release_claims([claim for claim, _ in work])

    def _note(self) -> None:
        if self._to_note is not None:
            settling.finish(self._to_note)
            self._to_note = None

    def _count(self, answer: Answer) -> None:
        """Keep the provider's record: whatever it decided, accepted or refused for good, it is well."""
        if answer.outcome in (Outcome.ACCEPTED, Outcome.PERMANENT):
            self._put_off = 0
            if self._probing:
                throttling.note_health(provider=self._channel.provider)
                self._probing = False
            return
        self._put_off += 1
        self._trouble(answer)

    def _trouble(self, answer: Answer) -> None:
        throttling.note_trouble(
            provider=self._channel.provider, problem=f"{answer.code or 'no line'} {answer.outcome}", away=answer.away
        )
        self._probing = True
