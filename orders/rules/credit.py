"""Store credit: what runs out is spent first, and only what is left of it runs out.

Source: commerce reference d.4; reliability reference T06.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

CODE_BYTES = 10  # 80 bit
_SIGNS = 16


@dataclass(frozen=True)
class Line:
    """One entry as it was written: amount (minor units, below zero when spent) and, of a gift, its last day."""

    entry_id: int
    amount_minor: int
    expires_on: date | None = None


def run_out(lines: Iterable[Line], *, today: date) -> list[tuple[int, int]]:
    """Return (entry id, amount) of gifts whose last day is over and of which something is left.  Minor units.

    Whatever was spent is taken from what ran out first; an amount that was expired before counts as spent.
    """
    known = list(lines)
    spent = -sum(line.amount_minor for line in known if line.amount_minor < 0)
    gifts = sorted((line for line in known if line.amount_minor > 0), key=_first_to_go)
    found = []
    for gift in gifts:
        used = min(spent, gift.amount_minor)
        spent -= used
        left = gift.amount_minor - used
        if left and gift.expires_on is not None and gift.expires_on < today:
            found.append((gift.entry_id, left))
    return found


def _first_to_go(line: Line) -> tuple[bool, date, int]:
    return (line.expires_on is None, line.expires_on or date.max, line.entry_id)


def divide_back(*, amount_minor: int, room_minor: int) -> tuple[int, int]:
    """Return what of a sum goes back to the account an order was paid from, and what to whoever ordered.  Minor units.

    `room_minor` is what that account paid for the order and has not had back: it gets no more than that, for whoever
    typed its code need not be its owner.  Source: commerce reference d.4 (back to the means it came from).
    """
    back = max(min(amount_minor, room_minor), 0)
    return back, amount_minor - back


def write_code(secret: bytes) -> str:
    """Return CODE_BYTES as `ABCD-EFGH-IJKL-MNOP`."""
    text = base64.b32encode(secret).decode()
    return "-".join(text[at : at + 4] for at in range(0, _SIGNS, 4))


def read_code(typed: str) -> str | None:
    """Return a code as it was written, whatever blanks, hyphens and small letters were typed; None for no code.

    A nought and a one are read as the letters they look like.
    """
    text = "".join(sign for sign in typed.upper() if sign.isalnum()).replace("0", "O").replace("1", "I")
    if len(text) != _SIGNS or not text.isascii():
        return None
    return "-".join(text[at : at + 4] for at in range(0, _SIGNS, 4))
