"""Which shelves pieces are taken from, and how many may be sold before they are made.

Source: commerce reference d.2.
"""

from __future__ import annotations

from collections.abc import Sequence


def spread(quantity: int, free: Sequence[int]) -> list[int] | None:
    """Return how many pieces to take from each shelf; None when all together do not hold that many.

    `free` is what each shelf can give, in the order in which shelves serve; a number below nought gives nothing.  One
    shelf that holds everything is better than an earlier one that holds a part: one parcel, one walk.
    """
    able = [max(pieces, 0) for pieces in free]
    if sum(able) < quantity:
        return None
    whole = next((number for number, pieces in enumerate(able) if pieces >= quantity), None)
    if whole is not None:
        return [quantity if number == whole else 0 for number in range(len(able))]
    parts, missing = [], quantity
    for pieces in able:
        parts.append(min(pieces, missing))
        missing -= parts[-1]
    return parts


def lowest_limit(*, on_hand: int, allocated: int) -> int:
    """Return how many pieces must stay allowed beyond the shelf: those that are promised and do not lie there yet."""
    return max(allocated - on_hand, 0)
