"""What a piece is made of, in whole percent by part.

Source: Regulation (EU) 1007/2011: fibres in descending order (Art. 9), each part of a piece by itself (Art. 11).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

WHOLE = 100


class Share(NamedTuple):
    """How much of a part is one material, in percent (1 to 100)."""

    material: str
    percent: int


class Part(NamedTuple):
    """One part of a piece with its shares, the largest first; `name` is empty for the whole piece."""

    name: str
    shares: tuple[Share, ...]


def parts_of(shares: Iterable[tuple[str, Share]]) -> tuple[Part, ...]:
    """Return the parts in the order they are first named, the whole piece before all others."""
    found: dict[str, list[Share]] = {}
    for part, share in shares:
        found.setdefault(part, []).append(share)
    names = sorted(found, key=lambda name: name != "")
    return tuple(Part(name, tuple(sorted(found[name], key=lambda share: -share.percent))) for name in names)


def wrong_sums(shares: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the parts whose percents do not make 100, with what they make."""
    sums: dict[str, int] = {}
    for part, percent in shares:
        sums[part] = sums.get(part, 0) + percent
    return {part: total for part, total in sums.items() if total != WHOLE}
