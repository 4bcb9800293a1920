"""The day something arrives: both stages put together, and the smallest day whose probability reaches the target.

Handling counts the workshop's days, transit the carrier's own clock, in which a slow Saturday is worth less than a day.
The probability of every day only falls when the start moves later, so that a later order is never promised earlier.
Source: delivery reference 1.3 (convolution, quantile), 1.6 (conditional on what has not happened yet).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

HORIZON = 160  # carrier days; beyond lies no promise
NEGLIGIBLE = 5e-4  # the slowest hand-overs are counted with the last one before them


class Clock:
    """A carrier's clock: `reading[n]` is the time worked up to the end of its day n."""

    def __init__(self, weekdays: Sequence[int], worth: Sequence[float]) -> None:
        total, self.reading = 0.0, [0.0]
        for weekday in weekdays:
            total += worth[weekday]
            self.reading.append(total)

    def before(self, number: int) -> float:
        """Return the time worked before day `number`."""
        return self.reading[number]

    def after(self, number: int) -> float:
        """Return the time worked up to the end of day `number`."""
        return self.reading[number + 1]


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


@dataclass(frozen=True)
class Arrival:
    """The distribution of the day of arrival.  `hazard` is cumulative by whole days of the clock; `pace` stretches it.

    `already` is the time on the clock that has passed without arrival, for what is on its way (else 0).
    """

    hand_overs: Sequence[HandOver]
    hazard: Sequence[float]
    clock: Clock
    pace: float = 1.0
    already: float = 0.0

    def chance_by(self, carrier_day: int) -> float:
        """Return the probability that it has arrived by the end of the carrier's day `carrier_day`."""
        now, total = self.clock.after(carrier_day), 0.0
        for each in self.hand_overs:
            if each.carrier_day <= carrier_day:
                total += each.chance * (1.0 - math.exp(-self._hazard_until(now - self.clock.before(each.carrier_day))))
        return total

    def day_for(self, chance: float, *, not_before: int = 0) -> int:
        """Return the smallest carrier day whose probability reaches `chance`; HORIZON days at most."""
        low = max(self.hand_overs[0].carrier_day, not_before)
        high = low + HORIZON
        while low < high:
            middle = (low + high) // 2
            if self.chance_by(middle) >= chance:
                high = middle
            else:
                low = middle + 1
        return low

    def _hazard_until(self, age: float) -> float:
        spent = self._at(self.already) if self.already else 0.0
        return self.pace * max(0.0, self._at(age) - spent)

    def _at(self, age: float) -> float:
        last = len(self.hazard) - 1
        whole = int(age)
        if whole >= last:  # beyond the table: as in its last age
            return self.hazard[last] + (age - last) * (self.hazard[last] - self.hazard[last - 1])
        return self.hazard[whole] + (age - whole) * (self.hazard[whole + 1] - self.hazard[whole])
