"""What a shopper still waits for from us when her order has arrived, or was cancelled.

It is hers to hear of as long as it is our turn: a return on its way to us (agreed to, her turn) is not among it, money
that left us is not, an answered question is not.  Source: commerce reference c-7 (order, return, ticket).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class About(StrEnum):
    """What is waited for."""

    EXCHANGE = "exchange"
    RETURN = "return"
    REFUND = "refund"
    QUESTION = "question"


@dataclass(frozen=True)
class Matter:
    """One thing she waits for: which row it is, how far it is, and the last day we named (None: none was)."""

    about: About
    row_id: int
    state: str = ""
    by: date | None = None

    @property
    def key(self) -> str:
        """Return what a note about it keeps, to be compared when it is about to go out: `return:12:received`."""
        return f"{self.about}:{self.row_id}:{self.state}"

    def is_late(self, today: date) -> bool:
        """Tell whether the day we named has passed."""
        return self.by is not None and self.by < today
