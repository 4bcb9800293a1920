"""Period life tables on a ladder of groups: how likely a stage ends at each age, given that it has not ended before.

An age is counted in working days.  Every day a parcel spends in a stage is one exposure at its age, weighted by the day
it happened on, not by the day of the order: parcels still on their way count as well, so that a jam shows within days.
A group with few parcels leans on its parent: h = (ended + k * h_parent) / (at risk + k).
Source: delivery reference 1.3.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

SHRINK = 10.0  # pseudo-parcels with which a group leans on its parent
GUESS_PARCELS = 15.0  # pseudo-parcels with which a merchant's guess speaks until real ones outnumber it
ROOT_ENDED, ROOT_AT_RISK = 0.06, 0.5  # what an age nobody has seen yet is worth
MOST = 0.97  # no age is ever certain to end a stage
RESCALE_AT = 1e9

Keys = Sequence[Hashable]


@dataclass(frozen=True)
class Guess:
    """What the merchant expects before there is data: the stage takes `first` to `last` working days, evenly."""

    first: int
    last: int

    def ended(self, age: int) -> float:
        """Return the pseudo-parcels that end at `age`."""
        if not self.first <= age <= self.last:
            return 0.0
        return GUESS_PARCELS / (self.last - self.first + 1)

    def at_risk(self, age: int) -> float:
        """Return the pseudo-parcels that have not ended before `age`."""
        if age > self.last:
            return 0.0
        return GUESS_PARCELS * (self.last - max(age, self.first) + 1) / (self.last - self.first + 1)


@dataclass
class Cell:
    """Weighted parcels of one group by age: how many were at risk, how many of them ended there."""

    ended: list[float]
    at_risk: list[float]


class LifeTables:
    """The life tables of one stage.  `depth` levels from the coarsest group to the finest, ages 0 to `ages` - 1.

    An exposure loses half its weight in `half_life` working days.
    """

    def __init__(self, *, depth: int, ages: int, half_life: float, shrink: float = SHRINK) -> None:
        self.ages = ages
        self.half_life = half_life
        self.shrink = shrink
        self.levels: list[dict[Hashable, Cell]] = [{} for _ in range(depth)]
        self._weight = 1.0  # of an exposure today: instead of fading every cell, new exposures weigh more
        self._growth = 2.0 ** (1.0 / half_life)
        self._kept: list[dict[tuple[Hashable, Guess | None], list[float]]] = [{} for _ in range(depth)]

    def pass_day(self) -> None:
        """Let a working day pass: everything learned so far fades a little."""
        self._weight *= self._growth
        for kept in self._kept:
            kept.clear()
        if self._weight > RESCALE_AT:
            self._rescale()

    def add(self, keys: Keys, age: int, *, at_risk: float, ended: float) -> None:
        """Count one exposure of `at_risk` days (1 for a whole one) at `age`; `ended` is 1 if it ended the stage."""
        age = min(age, self.ages - 1)
        risk, end = at_risk * self._weight, ended * self._weight
        for level, key in zip(self.levels, keys, strict=True):
            cell = level.get(key)
            if cell is None:
                cell = level[key] = Cell([0.0] * self.ages, [0.0] * self.ages)
            cell.at_risk[age] += risk
            if end:
                cell.ended[age] += end

    def chance_at(self, keys: Keys, age: int) -> float:
        """Return the probability that a stage still open at `age` ends there.  For one age; see `chances` for all."""
        age = min(age, self.ages - 1)
        lean = self.shrink * self._weight
        chance = -1.0
        for level, key in zip(self.levels, keys, strict=True):
            cell = level.get(key)
            ended, at_risk = (cell.ended[age], cell.at_risk[age]) if cell else (0.0, 0.0)
            if chance < 0.0:
                chance = (ended + ROOT_ENDED * self._weight) / (at_risk + ROOT_AT_RISK * self._weight)
            else:
                chance = (ended + lean * chance) / (at_risk + lean)
        return min(chance, MOST)

    def chances(self, keys: Keys, guess: Guess | None = None) -> list[float]:
        """Return for every age the probability that a stage still open ends there.  Kept until the next day.

        A `guess` speaks at the coarsest level: pseudo-parcels beside the real ones.
        """
        return [min(chance, MOST) for chance in self._chances(len(self.levels) - 1, keys, guess)]

    def parcels(self, level: int, key: Hashable) -> float:
        """Return the weighted number of parcels behind a group: those it saw at age 0."""
        cell = self.levels[level].get(key)
        return cell.at_risk[0] / self._weight if cell else 0.0

    def _chances(self, depth: int, keys: Keys, guess: Guess | None) -> list[float]:
        kept = self._kept[depth].get((keys[depth], guess))
        if kept is not None:
            return kept
        cell = self.levels[depth].get(keys[depth])
        if depth == 0:
            found = self._root(cell, guess)
        else:
            found = self._chances(depth - 1, keys, guess)
            if cell is not None:
                lean = self.shrink * self._weight
                rows = zip(cell.ended, cell.at_risk, found, strict=True)
                found = [(ended + lean * parent) / (at_risk + lean) for ended, at_risk, parent in rows]
        self._kept[depth][keys[depth], guess] = found
        return found

    def _root(self, cell: Cell | None, guess: Guess | None) -> list[float]:
        ended = cell.ended if cell else [0.0] * self.ages
        at_risk = cell.at_risk if cell else [0.0] * self.ages
        found = []
        for age in range(self.ages):
            more_ended, more_at_risk = ROOT_ENDED, ROOT_AT_RISK
            if guess is not None and age <= guess.last:
                more_ended, more_at_risk = guess.ended(age), guess.at_risk(age)
            found.append((ended[age] + more_ended * self._weight) / (at_risk[age] + more_at_risk * self._weight))
        return found

    def _rescale(self) -> None:
        for level in self.levels:
            for cell in level.values():
                cell.ended = [value / self._weight for value in cell.ended]
                cell.at_risk = [value / self._weight for value in cell.at_risk]
        self._weight = 1.0


def cumulative(chances: Sequence[float]) -> list[float]:
    """Return the cumulative hazard up to the end of each age, beginning with 0 before the first."""
    total, found = 0.0, [0.0]
    for chance in chances:
        total -= math.log(1.0 - chance)
        found.append(total)
    return found
