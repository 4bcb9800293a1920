"""What becomes of a message after the mail server answered, or did not.

Pure: outcome, reply code and history go in, a verdict comes out.  Source: reliability reference T23, dependencies
reference 4.4 (steps 4 and 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GIVE_UP_AFTER_SECONDS = 72 * 3600
RESEND_AFTER_SECONDS = 60  # a server that dropped the line is given a minute before the second and last copy
LONGEST_WAIT_SECONDS = 480  # plus jitter ten minutes: after an outage everything is out by then
MAX_INTERRUPTIONS = 8  # workers that died on the same message before a person must look

# First pause by reply code; unknown 4xx codes take the one of 450.
_FIRST_WAIT_SECONDS = {0: 15, 421: 30, 450: 60, 451: 60, 452: 120, 454: 30}


class Outcome(StrEnum):
    """What the mail server said."""

    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """One answer of a provider; code 0 when it could not be reached or said nothing.

    `provider_id` is the number under which the provider keeps the message, where it says one.
    """

    outcome: Outcome
    code: int = 0
    words: str = ""
    provider_id: str = ""

    @property
    def away(self) -> bool:
        """Say whether there was nobody to talk to."""
        return self.outcome == Outcome.TEMPORARY and self.code in (0, 421)


@dataclass(frozen=True)
class Verdict:
    """The next state, the pause before the next try, and whether a copy may be out without our knowing."""

    state: str
    wait_seconds: int = 0
    unconfirmed: bool = False


def pause_seconds(*, code: int, attempt: int, jitter: float) -> int:
    """Return the pause before the next try: doubling by attempt from a start by reply code, with up to a quarter more.

    `attempt` counts from 1; `jitter` is a fraction from 0 to 1, so that a thousand messages do not come back together.
    """
    first = _FIRST_WAIT_SECONDS.get(code, _FIRST_WAIT_SECONDS[450])
    wait = min(first * 2 ** min(attempt - 1, 10), LONGEST_WAIT_SECONDS)
    return int(wait * (1 + jitter / 4))


def judge(answer: Answer, *, attempt: int, age_seconds: float, doubted: bool, critical: bool, jitter: float) -> Verdict:
    """Decide what becomes of a message after one try.

    `doubted` tells that an earlier try ended without an answer; `critical` that a second copy is better than none.
    A message without an answer is sent once more when it is critical, and else stands as sent, unconfirmed.
    """
    if answer.outcome == Outcome.ACCEPTED:
        return Verdict("sent")
    if answer.outcome == Outcome.PERMANENT:
        return Verdict("failed")
    if answer.outcome == Outcome.TEMPORARY:
        if age_seconds > GIVE_UP_AFTER_SECONDS:
            return Verdict("failed")
        return Verdict("queued", pause_seconds(code=answer.code, attempt=attempt, jitter=jitter))
    if critical and not doubted:
        return Verdict("queued", RESEND_AFTER_SECONDS, unconfirmed=True)
    return Verdict("sent", unconfirmed=True)
