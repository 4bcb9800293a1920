"""How good promises were: kept, how long, and the pinball loss that punishes both padding and breaking.

Days are calendar days from the purchase; on time is on or before the promised day.
Source: delivery reference 1.5, 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, median


@dataclass(frozen=True)
class Score:
    """The figures of one column of promises over `orders` delivered orders; shares are between 0 and 1."""

    orders: int
    on_time: float
    mean_days: float
    median_days: float
    pinball: float


def score(pairs: Sequence[tuple[int, int]], level: float) -> Score:
    """Score (promised days, actual days) at `level`.  Raises ValueError without a pair."""
    if not pairs:
        raise ValueError("there is nothing to score")
    promised = [days for days, _ in pairs]
    return Score(
        orders=len(pairs),
        on_time=sum(actual <= days for days, actual in pairs) / len(pairs),
        mean_days=mean(promised),
        median_days=median(promised),
        pinball=mean(pinball(days, actual, level) for days, actual in pairs),
    )


def days_at_share(columns: Iterable[Score], share: float) -> tuple[float, float] | None:
    """Return mean and median days at which `share` is kept, read between the two columns next to it.

    None when no column keeps less or none keeps more.
    """
    ranked = sorted(columns, key=lambda each: each.on_time)
    for low, high in pairwise(ranked):
        if low.on_time <= share <= high.on_time and low.on_time < high.on_time:
            part = (share - low.on_time) / (high.on_time - low.on_time)
            return (
                low.mean_days + part * (high.mean_days - low.mean_days),
                low.median_days + part * (high.median_days - low.median_days),
            )
    return None


def pinball(promised: int, actual: int, level: float) -> float:
    """Return the loss of one promise: a day too short costs `level`, a day too long 1 - `level`."""
    return level * (actual - promised) if actual > promised else (1.0 - level) * (promised - actual)


@dataclass(frozen=True)
class Calibration:
    """One band of a calibration table: what was foretold on average, and what came true, of how many."""

    foretold: float
    realised: float
    orders: int


def calibration(pairs: Iterable[tuple[float, bool]], bands: int = 10) -> list[Calibration]:
    """Return predicted against realised, by band of the prediction from low to high; empty bands are left out."""
    groups: dict[int, list[tuple[float, bool]]] = {}
    for foretold, realised in pairs:
        groups.setdefault(min(int(foretold * bands), bands - 1), []).append((foretold, realised))
    return [
        Calibration(mean(one for one, _ in rows), mean(float(came) for _, came in rows), len(rows))
        for _, rows in sorted(groups.items())
    ]


def average_precision(pairs: Iterable[tuple[float, bool]]) -> float:
    """Return the average precision of a ranking by probability; 0 without a positive.  Equal ones count together."""
    ranked = sorted(pairs, key=lambda pair: -pair[0])
    positives = sum(came for _, came in ranked)
    found, seen, total = 0, 0, 0.0
    start = 0
    while start < len(ranked) and positives:
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        hits = sum(came for _, came in ranked[start:end])
        found, seen = found + hits, end
        total += hits / positives * found / seen
        start = end
    return total
