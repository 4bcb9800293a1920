"""Figures of the promise board: shares with how sure they are, promised against kept, and where they lie in a drawing.

Pure.  Source: delivery reference finding 10 (on time is measured against the first promise), 1.6 (calibration).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, sqrt

ANY, ENOUGH = 10, 50  # orders: fewer prove nothing at all; from so many on a share that fits is worth a yes
STEP_BP = 500  # promised probabilities are looked at in steps of five points
_Z = 1.96  # 95 of 100 times the true share lies between the bounds


@dataclass(frozen=True)
class Share:
    """`kept` of `total`; the bounds say how sure that is (Wilson, 95 %).  Shares are between 0 and 1."""

    kept: int
    total: int

    @property
    def share(self) -> float:
        """Return the share, 0 of nothing."""
        return self.kept / self.total if self.total else 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        """Return between which shares the true one lies; everything when nothing is known."""
        if not self.total:
            return 0.0, 1.0
        n, p = self.total, self.share
        middle = (p + _Z * _Z / (2 * n)) / (1 + _Z * _Z / n)
        half = _Z * sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n)) / (1 + _Z * _Z / n)
        return max(0.0, min(middle - half, p)), min(1.0, max(middle + half, p))  # rounding leaves the share inside


@dataclass(frozen=True)
class Bin:
    """Promises of about one probability: the mean that was promised, between 0 and 1, and what was kept."""

    promised: float
    found: Share

    @property
    def honest(self) -> bool:
        """Say whether what was kept may be what was promised."""
        low, high = self.found.bounds
        return low <= self.promised <= high

    @property
    def too_few(self) -> bool:
        """Say whether so few orders ended that the share tells nothing, or only that nothing speaks against it."""
        return self.found.total < ANY or (self.honest and self.found.total < ENOUGH)


def calibrate(rows: Iterable[tuple[int, int, int]]) -> list[Bin]:
    """Gather (promised basis points, orders, kept) into bins of STEP_BP, the least promised first."""
    bins: dict[int, list[int]] = {}
    for level_bp, total, kept in rows:
        found = bins.setdefault(min(level_bp, 9_999) // STEP_BP, [0, 0, 0])
        found[0] += level_bp * total
        found[1] += total
        found[2] += kept
    return [Bin(sums[0] / sums[1] / 10_000, Share(sums[2], sums[1])) for _key, sums in sorted(bins.items()) if sums[1]]


@dataclass(frozen=True)
class Point:
    """Where a bin lies in a square drawing: its middle, its bounds, and a radius that tells how many it speaks for."""

    x: float
    y: float
    low_y: float
    high_y: float
    radius: float


def point_of(found: Bin, *, size: int, floor: float) -> Point:
    """Return where a bin lies in a square of `size`, its lower left corner the share `floor`; upwards is smaller."""
    low, high = found.found.bounds
    most = 0.04 * size
    return Point(
        x=place(found.promised, size=size, floor=floor),
        y=size - place(found.found.share, size=size, floor=floor),
        low_y=size - place(low, size=size, floor=floor),
        high_y=size - place(high, size=size, floor=floor),
        radius=round(min(most, 2 + sqrt(found.found.total) / 4), 1),
    )


def place(share: float, *, size: int, floor: float) -> float:
    """Return how far from the corner a share lies; what is below the floor lies on it."""
    return round(max(0.0, share - floor) / (1 - floor) * size, 1)


def floor_of(shares: Iterable[float]) -> float:
    """Return where the axis begins: a tenth below the least share, at most .9, so that differences can be seen.

    The least share never lies on the axis itself, where it would look like none.
    """
    least = min(shares, default=1.0)
    return min(0.9, max(0, ceil(round(least * 10, 6)) - 1) / 10)
