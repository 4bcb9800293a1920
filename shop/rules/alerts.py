"""How many of those who wait are told when pieces come back, and how long an address is kept.

Telling everybody about three pieces would send most of them to a page that is sold out again.
Source: commerce reference 1.15; ux reference 2.17, 2.18.
"""

from __future__ import annotations

from datetime import timedelta

PEOPLE_PER_PIECE = 3
TURN = timedelta(hours=24)  # how long those who were told have before the next ones are
UNCONFIRMED_KEPT = timedelta(days=7)
SETTLED_KEPT = timedelta(days=30)


def may_be_told(*, pieces: int, told_lately: int) -> int:
    """Return how many more people may be told of `pieces`, when `told_lately` were told within the last TURN."""
    return max(PEOPLE_PER_PIECE * max(pieces, 0) - told_lately, 0)
