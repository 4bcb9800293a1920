"""The bag's own rules: two bags become one, two sizes of one thing, what is ready first.

Source: ux reference 2.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

TOGETHER, AS_READY = "together", "as_ready"


def merged(mine: Mapping[int, int], guest: Mapping[int, int], *, most: int) -> dict[int, int]:
    """Return the pieces by variant when the bag of a visitor and the one she had before become one.

    Of what is in both the larger number counts: somebody who puts the same shirt in on two devices wants one shirt,
    and a sum would charge her twice.  Never more than `most` of one thing.
    """
    return {variant: min(max(mine.get(variant, 0), guest.get(variant, 0)), most) for variant in {**mine, **guest}}


@dataclass(frozen=True)
class Form:
    """What matters of a line to find two sizes of one thing: product, size, everything else that was chosen."""

    product_id: int
    size: str
    others: frozenset[int]


def two_sizes(forms: Iterable[Form]) -> dict[int, tuple[str, ...]]:
    """Return the sizes of each product that lies in the bag in several sizes and otherwise alike, in bag order."""
    sizes: dict[tuple[int, frozenset[int]], dict[str, None]] = {}
    for form in forms:
        if form.size:
            sizes.setdefault((form.product_id, form.others), {})[form.size] = None
    return {product: tuple(found) for (product, _others), found in sizes.items() if len(found) > 1}


@dataclass(frozen=True)
class Ready:
    """What has to happen before a piece can be packed: its goods come in on a day, it is made in working days."""

    making_days: int = 0
    goods_on: date | None = None

    @property
    def turn(self) -> tuple[date, int]:
        """Return what tells which of two pieces is ready before the other: goods first, then the making."""
        return self.goods_on or date.min, self.making_days


def ready_last(each: Iterable[Ready]) -> Ready:
    """Return what counts when everything travels together: the longest making, the last goods to come in."""
    pieces = list(each)
    goods = [piece.goods_on for piece in pieces if piece.goods_on]
    return Ready(max((piece.making_days for piece in pieces), default=0), max(goods, default=None))


def ready_first(each: Iterable[Ready]) -> Ready | None:
    """Return when the first can go before the rest; None when everything is ready at once."""
    found = set(each)
    return min(found, key=lambda piece: piece.turn) if len(found) > 1 else None
