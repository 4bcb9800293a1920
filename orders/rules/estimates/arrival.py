"""The day something arrives: both stages put together, and the smallest day whose probability reaches the target.

Handling counts the workshop's days, transit the carrier's.  The probability of every day only falls when the start
moves later, so that a later order is never promised earlier.
Source: delivery reference 1.3 (convolution, quantile), 1.6 (conditional on what has not happened yet).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

HORIZON = 160  # carrier days; beyond lies no promise
NEGLIGIBLE = 5e-4  # the slowest hand-overs are counted with the last one before them


@dataclass(frozen=True)
class HandOver:
    """A day on which it may be handed over: the carrier's day number, and the probability."""

    carrier_day: int
    chance: float


def hand_overs(chances: Sequence[float], carrier_days: Sequence[int]) -> list[HandOver]:
    """Return when it may be handed over, from the chance of each age and the carrier's day of each age.

    The chances of what is left after the last age go with it.
    """
    left, found = 1.0, []
    for chance, day in zip(chances, carrier_days, strict=False):
        found.append(HandOver(day, left * chance))
        left *= 1.0 - chance
        if left < NEGLIGIBLE:
            break
    last = found.pop()
    return [*found, HandOver(last.carrier_day, last.chance + left)]


def sure(carrier_day: int) -> list[HandOver]:
    """Return the hand-over of something that has been handed over."""
    return [HandOver(carrier_day, 1.0)]


class Arrival:
    """The distribution of the day of arrival, from the hand-overs and the cumulative hazard of transit by age.

    `already` are the carrier's days that have passed without arrival, for what is on its way (else 0).
    """

    def __init__(self, hand_overs: Sequence[HandOver], hazard: Sequence[float], *, already: int = 0) -> None:
        self.hand_overs = hand_overs
        last = len(hazard) - 1
        self._beyond = hazard[last] - hazard[last - 1]  # older than the table: as in its last age
        spent = hazard[min(already, last)] + self._beyond * max(0, already - last)
        self._hazard = [max(0.0, value - spent) for value in hazard]
        self._first = hand_overs[0].carrier_day
        self._starts = [(each.carrier_day, each.chance) for each in hand_overs]
        self._spent_beyond = max(0.0, spent - hazard[last])
        self._arrived = [1.0 - math.exp(-value) for value in self._hazard]

    def chance_by(self, carrier_day: int) -> float:
        """Return the probability that it has arrived by the end of the carrier's day `carrier_day`."""
        total, arrived, last = 0.0, self._arrived, len(self._arrived)
        for start, chance in self._starts:
            age = carrier_day - start + 1
            if age <= 0:
                break
            total += chance * (arrived[age] if age < last else self._late(age))
        return total

    def day_for(self, chance: float, *, not_before: int = 0) -> int:
        """Return the smallest carrier day whose probability reaches `chance`; HORIZON days at most."""
        low = max(self._first, not_before)
        high = low + HORIZON
        while low < high:
            middle = (low + high) // 2
            if self.chance_by(middle) >= chance:
                high = middle
            else:
                low = middle + 1
        return low

    def _late(self, age: int) -> float:
        last = len(self._hazard) - 1
        hazard = self._hazard[last] + (age - last) * self._beyond - self._spent_beyond
        return 1.0 - math.exp(-max(0.0, hazard))
