"""Goods on their way, sold before they are here: which arrival a piece comes out of, and so on which day it is here.

First promised, first served: pieces that are spoken for or held before count first, so that a day told to somebody is
never given away to somebody else.  Source: commerce reference d.1 (backorder, preorder), d.2 (`eta_date`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date


class NotComing(Exception):
    """Nothing that is expected covers so many pieces: no day can be named, and without one nothing is sold."""


def goods_on(pieces: int, *, at_once: int, arrivals: Sequence[tuple[date, int]]) -> date | None:
    """Return the day `pieces` more are all here, None when they lie on the shelf.

    `at_once` is what lies there and is nobody's yet; below 0, so many pieces are promised out of the arrivals already.
    `arrivals` are (day, pieces), the next first.  Raises NotComing.
    """
    missing = pieces - at_once
    if missing <= 0:
        return None
    for day, coming in arrivals:
        missing -= coming
        if missing <= 0:
            return day
    raise NotComing


def limit_of(*, on_its_way: int, most: int | None, lowest: int) -> int:
    """Return how many pieces may be promised beyond a shelf: what is on its way, at most `most`, all promised ones.

    `lowest` is how many are promised already: a promise is not taken back by a number.
    """
    return max(on_its_way if most is None else min(on_its_way, most), lowest)
