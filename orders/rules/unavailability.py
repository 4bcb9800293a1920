"""Pieces that turned out not to be there: whose they are, what she may choose, and what goes back.

Source: commerce reference d.3, 4.20; reliability reference T03 (staff edits never undercut allocations silently).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Choice(StrEnum):
    """What the shopper may choose when pieces are missing.  The same values as Unavailability.Choice."""

    OTHER = "other"  # another colour or size, at no other price
    LATER = "later"  # wait for the next arrival
    REST = "rest"  # send what is there, and give the money of the missing pieces back
    CANCEL = "cancel"  # end the order


class Act(StrEnum):
    """What staff do at a shelf that may take promised pieces away."""

    COUNT = "count"  # fewer lie there than the books say: `pieces` is what was counted
    COUNT_LINE = "count-line"  # a stock count found `pieces` fewer
    QUARANTINE = "quarantine"
    WRITE_OFF = "write-off"


@dataclass(frozen=True)
class Taking:
    """One correction of a shelf; `key` makes it happen once."""

    level_id: int
    act: Act
    pieces: int
    reason: str
    key: str

    def fewer(self, on_hand: int) -> int:
        """Return how many pieces fewer lie on the shelf afterwards."""
        return on_hand - self.pieces if self.act == Act.COUNT else self.pieces

    @property
    def movement_key(self) -> str:
        """Return the key of its movement: the same as that of the button that could not do it."""
        return f"{self.act}:{self.key}"


@dataclass(frozen=True)
class Claim:
    """Pieces of one line in one unpacked parcel that are promised from a shelf; `breaks_at` ends its promise."""

    parcel_id: int
    line_id: int
    order_id: int
    pieces: int
    breaks_at: datetime
    placed_at: datetime


@dataclass(frozen=True)
class Loss:
    """How many pieces of a claim would be missing."""

    claim: Claim
    pieces: int


class OnlyPackedLeft(Exception):
    """So many pieces are missing that packed parcels would have to be opened; `missing` more than can be taken."""

    def __init__(self, missing: int) -> None:
        super().__init__(str(missing))
        self.missing = missing


def whose(short: int, claims: Iterable[Claim]) -> tuple[Loss, ...]:
    """Choose whose pieces are missing: of the promise with most time left, and of several the one placed last.

    Raises OnlyPackedLeft when unpacked parcels do not hold that many.
    """
    losses = []
    latest_first = sorted(claims, key=lambda c: (c.breaks_at, c.placed_at, c.line_id, c.parcel_id), reverse=True)
    for claim in latest_first:
        pieces = min(claim.pieces, short)
        if pieces > 0:
            losses.append(Loss(claim, pieces))
            short -= pieces
    if short > 0:
        raise OnlyPackedLeft(short)
    return tuple(losses)


def offered(*, others: bool, later: bool, rest: bool, may_cancel: bool) -> tuple[Choice, ...]:
    """Return what can be chosen, in the order of the page.

    `others`: another form of the piece is there; `later`: an arrival is expected; `rest`: something else of the order
    is sent or will be.  There is always a choice: what has no rest has not begun to be packed.
    """
    able = {
        Choice.OTHER: others,
        Choice.LATER: later,
        Choice.REST: rest,
        Choice.CANCEL: may_cancel,
    }
    return tuple(choice for choice, possible in able.items() if possible)


@dataclass(frozen=True)
class Settlement:
    """What becomes of the money of pieces that are not sent (minor units).

    Of an order that is paid the pieces' money goes back; of any other one so much less is asked for, and what came in
    beyond the new price goes back.
    """

    less_due_minor: int
    back_minor: int
    paid: bool


def settle(amount_minor: int, *, due_minor: int, captured_minor: int, granted_minor: int) -> Settlement:
    """Take an amount off an order.  Never gives back more than came in and was not granted before."""
    there = captured_minor - granted_minor
    if captured_minor >= due_minor:
        return Settlement(0, min(amount_minor, there), True)
    surplus = max(captured_minor - (due_minor - amount_minor), 0)
    return Settlement(amount_minor, min(surplus, there), False)
