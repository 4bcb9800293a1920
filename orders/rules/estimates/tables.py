"""Period life tables and ratios on a ladder of groups: how likely a stage ends at each age, given that it has not yet.

An age is counted in working days.  Every day a parcel spends in a stage is one exposure at its age, weighted by the day
it happened on, not by the day of the order: parcels still on their way count as well, so that a jam shows within days.

The ladder begins with tables, coarse to fine, each with a value per age that leans on the table above it:
h = (ended + k * h_above) / (at risk + k).  Then come ratios, for what cuts across: how many ended beside how many the
rest of the ladder expected, per band of ages, r = (ended + k) / (expected + k).  A ratio multiplies the hazard; at ages
where its group says little it is 1, so that the long tail stays everybody's.

A young shop has little to lean on, and three things help it.  A merchant's guess speaks beside the data.  Where nobody
guessed, the chance of an age leans on those of the ages around it, which are much like it.  And what was learned fades
slowly until there is enough to take its place: an old parcel says more than none.
Source: delivery reference 1.3 (tables); observed over expected, as in mortality statistics (ratios);
graduation, as there (neighbours).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

GUESS_PARCELS = 15.0  # pseudo-parcels with which a merchant's guess speaks until real ones outnumber it
ROOT_ENDED, ROOT_AT_RISK = 0.06, 0.5  # what an age nobody has seen yet is worth
LATE_ENDED = 0.25  # ... beyond a guess: half of what is late comes with every day
MOST = 0.998  # no age is ever certain to end a stage
RESCALE_AT = 1e9
PATIENCE = 4.0  # how much longer the half-lives are until there is enough
OWN_SHAPE = 2  # the first ages have a shape of their own, and no neighbours
REACH, REACH_GROWS = 3, 4  # ages to either side that are neighbours, and one more for every so many ages

Keys = Sequence[Hashable]


@dataclass(frozen=True)
class Table:
    """A rung with a value per age.  `lean`: pseudo-parcels with which a group leans on the rung above.

    An exposure loses half its weight in `half_life` working days.
    """

    half_life: float
    lean: float = 0.0


@dataclass(frozen=True)
class Ratio:
    """A rung with one factor per band of ages; `later` are the first ages of the second band and those after it.

    `lean`: expected parcels with which a group leans on 1.  `trust` (0 to 1) is the power to which the factor is
    believed of the days to come: what is so fast or so slow today will be less so by the time the parcel is there.
    """

    half_life: float
    lean: float
    later: tuple[int, ...] = ()
    trust: float = 1.0


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


class Cell:
    """Weighted parcels of one group by age (or band): how many ended, of how many at risk (or expected)."""

    __slots__ = ("ended", "of")

    def __init__(self, size: int) -> None:
        self.ended = [0.0] * size
        self.of = [0.0] * size


Cells = tuple[Cell, ...]


class _Rung:
    """One level of a ladder: the rule, its groups, and the weight of an exposure today."""

    def __init__(self, rule: Table | Ratio, ages: int) -> None:
        self.rule = rule
        self.groups: dict[Hashable, Cell] = {}
        self.weight = 1.0  # instead of fading every cell, new exposures weigh more
        self.growth = 2.0 ** (1.0 / rule.half_life)
        self.lean = rule.lean
        later = range(1, ages) if isinstance(rule, Table) else rule.later
        self.band = [bisect_right(later, age) for age in range(ages)]
        self.size = len(later) + 1

    def cell(self, key: Hashable) -> Cell:
        found = self.groups.get(key)
        if found is None:
            found = self.groups[key] = Cell(self.size)
        return found

    def pass_day(self, part: float) -> None:
        self.weight *= self.growth**part
        if self.weight > RESCALE_AT:
            for cell in self.groups.values():
                cell.ended = [value / self.weight for value in cell.ended]
                cell.of = [value / self.weight for value in cell.of]
            self.weight = 1.0
        self.lean = self.rule.lean * self.weight


class LifeTables:
    """The ladder of one stage: `tables` from the coarsest group to the finest, then `ratios`; ages 0 to `ages` - 1.

    A parcel's keys name its group on every rung, in that order.  Until there are `enough` weighted parcels everything
    fades PATIENCE times slower.  `beside`: pseudo-parcels with which an age of the coarsest table leans on its
    neighbours.
    """

    def __init__(
        self,
        tables: Sequence[Table],
        ratios: Sequence[Ratio] = (),
        *,
        ages: int,
        enough: float = 0.0,
        beside: float = 0.0,
    ) -> None:
        self.ages = ages
        self._enough, self._beside = enough, beside
        self.tables = [_Rung(table, ages) for table in tables]
        self.ratios = [_Rung(ratio, ages) for ratio in ratios]
        self._trusts = [ratio.trust for ratio in ratios]
        edges = sorted({0, ages, *(edge for ratio in ratios for edge in ratio.later if edge < ages)})
        self._parts = list(pairwise(edges))  # of ages between which no factor changes
        self._kept: list[dict[tuple[Hashable, Guess | None], list[float]]] = [{} for _ in tables]
        self._summed: dict[tuple[Hashable, Guess | None], list[float]] = {}

    # -- Learning -----------------------------------------------------------------------------------------------
    def cells(self, keys: Keys) -> Cells:
        """Return where the exposures of one parcel are counted; to be kept as long as it is in the stage."""
        return tuple(rung.cell(key) for rung, key in zip([*self.tables, *self.ratios], keys, strict=True))

    def pass_day(self) -> None:
        """Let a working day pass: everything learned so far fades a little, and less while there is not enough."""
        root = self.tables[0]
        there = sum(cell.of[0] for cell in root.groups.values()) / root.weight
        part = 1.0 if there >= self._enough else 1.0 / PATIENCE
        for rung in (*self.tables, *self.ratios):
            rung.pass_day(part)
        self._forget()

    def learn(self, exposures: Iterable[tuple[Cells, int, bool]]) -> None:
        """Count the exposures of a day: where, at what age, and whether the stage ended.

        What was expected of them is judged by what was known before.
        """
        seen = [(cells, min(age, self.ages - 1), ended) for cells, age, ended in exposures]
        expected = [self._expected(cells, age) if self.ratios else () for cells, age, _ in seen]
        depth = len(self.tables)
        for (cells, age, ended), due in zip(seen, expected, strict=True):
            for rung, cell in zip(self.tables, cells, strict=False):
                cell.of[age] += rung.weight
                if ended:
                    cell.ended[age] += rung.weight
            for rung, cell, value in zip(self.ratios, cells[depth:], due, strict=True):
                band = rung.band[age]
                cell.of[band] += rung.weight * value
                if ended:
                    cell.ended[band] += rung.weight
        self._forget()

    def _expected(self, cells: Cells, age: int) -> Sequence[float]:
        """Return for every ratio the chance of an end that all the other rungs expect at `age`."""
        factors, hazard = [], -math.log(1.0 - self._chance(cells, age))
        for rung, cell in zip(self.ratios, cells[len(self.tables) :], strict=True):
            band = rung.band[age]
            factor = (cell.ended[band] + rung.lean) / (cell.of[band] + rung.lean)
            factors.append(factor)
            hazard *= factor
        chance = 1.0 - math.exp(-hazard)
        return [chance / factor for factor in factors]

    def _chance(self, cells: Cells, age: int) -> float:
        root, cell = self.tables[0], cells[0]
        chance = (cell.ended[age] + ROOT_ENDED * root.weight) / (cell.of[age] + ROOT_AT_RISK * root.weight)
        for rung, cell in zip(self.tables[1:], cells[1:], strict=False):
            chance = (cell.ended[age] + rung.lean * chance) / (cell.of[age] + rung.lean)
        return min(chance, MOST)

    def _forget(self) -> None:
        for kept in self._kept:
            kept.clear()
        self._summed.clear()

    # -- Asking -------------------------------------------------------------------------------------------------
    def hazard(self, keys: Keys, guess: Guess | None = None) -> list[float]:
        """Return the cumulative hazard up to the end of each age, beginning with 0 before the first.

        A `guess` speaks at the coarsest table: pseudo-parcels beside the real ones.
        """
        depth = len(self.tables)
        summed = self._summed_table(keys[depth - 1], keys, guess)
        if not self.ratios:
            return summed
        found, at = [0.0], 0.0
        for (first, end), factor in zip(self._parts, self._factors(keys[depth:]), strict=True):
            start = at - factor * summed[first]
            found += [start + factor * value for value in summed[first + 1 : end + 1]]
            at = found[-1]
        return found

    def chances(self, keys: Keys, guess: Guess | None = None) -> list[float]:
        """Return for every age the probability that a stage still open ends there."""
        return [1.0 - math.exp(before - after) for before, after in pairwise(self.hazard(keys, guess))]

    def parcels(self, level: int, key: Hashable) -> float:
        """Return the weighted number of parcels behind a group of one table: those it saw at age 0."""
        rung = self.tables[level]
        cell = rung.groups.get(key)
        return cell.of[0] / rung.weight if cell else 0.0

    def _factors(self, keys: Keys) -> list[float]:
        """Return the product of all ratios for every part of the ages, each to the power it is trusted."""
        found = [1.0] * len(self._parts)
        for rung, key, trust in zip(self.ratios, keys, self._trusts, strict=True):
            cell = rung.groups.get(key)
            if cell is None:
                continue
            bands = [
                ((ended + rung.lean) / (due + rung.lean)) ** trust
                for ended, due in zip(cell.ended, cell.of, strict=True)
            ]
            for index, (first, _) in enumerate(self._parts):
                found[index] *= bands[rung.band[first]]
        return found

    def _summed_table(self, key: Hashable, keys: Keys, guess: Guess | None) -> list[float]:
        kept = self._summed.get((key, guess))
        if kept is None:
            chances = self._table(len(self.tables) - 1, keys, guess)
            kept = [0.0, *accumulate(-math.log(1.0 - min(chance, MOST)) for chance in chances)]
            self._summed[key, guess] = kept
        return kept

    def _table(self, depth: int, keys: Keys, guess: Guess | None) -> list[float]:
        """Return the chances down to the table at `depth`.  Kept until the next day."""
        kept = self._kept[depth].get((keys[depth], guess))
        if kept is not None:
            return kept
        rung = self.tables[depth]
        cell = rung.groups.get(keys[depth])
        if depth == 0:
            found = self._root(cell or Cell(self.ages), rung.weight, guess)
        else:
            found = self._table(depth - 1, keys, guess)
            if cell is not None:
                rows = zip(cell.ended, cell.of, found, strict=True)
                lean = rung.lean
                found = [(ended + lean * above) / (at_risk + lean) for ended, at_risk, above in rows]
        self._kept[depth][keys[depth], guess] = found
        return found

    def _root(self, cell: Cell, weight: float, guess: Guess | None) -> list[float]:
        found = []
        for age in range(self.ages):
            more_ended, more_at_risk = ROOT_ENDED, ROOT_AT_RISK
            if guess is not None:
                late = age > guess.last
                more_ended = LATE_ENDED if late else guess.ended(age)
                more_at_risk = ROOT_AT_RISK if late else guess.at_risk(age)
            found.append((cell.ended[age] + more_ended * weight) / (cell.of[age] + more_at_risk * weight))
        return found if guess is not None or not self._beside else self._beside_others(cell, weight, found)

    def _beside_others(self, cell: Cell, weight: float, found: Sequence[float]) -> list[float]:
        """Return the chances of the coarsest table, each leaning on those of the ages around it."""
        lean, leaning = self._beside * weight, list(found[:OWN_SHAPE])
        ended, of = [0.0, *accumulate(cell.ended)], [0.0, *accumulate(cell.of)]
        for age in range(OWN_SHAPE, self.ages):
            reach = REACH + age // REACH_GROWS
            first, end = max(0, age - reach), min(self.ages, age + reach + 1)
            around = (ended[end] - ended[first] + ROOT_ENDED * weight) / (of[end] - of[first] + ROOT_AT_RISK * weight)
            leaning.append((cell.ended[age] + lean * around) / (cell.of[age] + lean))
        return leaning
