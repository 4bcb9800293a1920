"""The bag's own rules: two bags become one, two sizes of one thing, what is ready first.

Source: ux reference 2.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


def two_sizes(forms: Sequence[Form]) -> dict[int, tuple[str, ...]]:
    """Return the sizes of each product that lies in the bag in several sizes and otherwise alike, in bag order."""
    sizes: dict[tuple[int, frozenset[int]], dict[str, None]] = {}
    for form in forms:
        if form.size:
            sizes.setdefault((form.product_id, form.others), {})[form.size] = None
    return {product: tuple(found) for (product, _others), found in sizes.items() if len(found) > 1}


def ready_first(making_days: Sequence[int]) -> int | None:
    """Return the making time (working days) of what can go before the rest; None when everything takes the same."""
    return min(making_days) if len(set(making_days)) > 1 else None
