"""Who waits, and since when: one pure function of what was said.

Everything the queue shows about waiting is derived from here; the columns are only a memory of it.
Source: support reference 0 (finding 6), 9 (rules of the state machine), 10 (I10, I11, I15).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

CUSTOMER, ANSWER = "in", "out"


@dataclass(frozen=True)
class Utterance:
    """One message as far as waiting is concerned.

    `kind` is in, out, note or system; `accepted_at` is set while the mail server stands by an answer and empty again
    when it bounced; `waived` means a person decided that this message needs no answer.
    """

    kind: str
    written_at: datetime
    accepted_at: datetime | None = None
    automated: bool = False
    waived: bool = False

    @property
    def asks(self) -> bool:
        """Tell whether a person wrote this to us."""
        return self.kind == CUSTOMER and not self.automated

    @property
    def answers(self) -> bool:
        """Tell whether this is a person's answer that really left the house."""
        return self.kind == ANSWER and not self.automated and self.accepted_at is not None


def waiting_since(thread: Sequence[Utterance]) -> datetime | None:
    """Return when the first unanswered message of the customer was written; None when nobody waits.

    `thread` is in the order in which the messages joined it, because an answer settles what its author could see: what
    stood before it.  An answer counts once the mail server accepted it; automated messages never settle anything.
    """
    last_answer = max((place for place, said in enumerate(thread) if said.answers), default=-1)
    open_questions = [said.written_at for said in thread[last_answer + 1 :] if said.asks and not said.waived]
    return min(open_questions, default=None)


def first_response_at(thread: Sequence[Utterance]) -> datetime | None:
    """Return when the first answer to the customer's first message was accepted; None without one."""
    first_question = next((place for place, said in enumerate(thread) if said.asks), None)
    if first_question is None:
        return None
    return next((said.accepted_at for said in thread[first_question:] if said.answers), None)
