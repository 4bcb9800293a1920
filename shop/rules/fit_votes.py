"""What votes say in words: does a piece run small or large, and is one size out of line?

A vote is one verdict (small, fit, large) from a review, a return or an exchange.
Source: delivery reference 3.2 (label), 3.3 (bar from five votes, label from ten), 4.4 (feedback loop).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

RUNS_SMALL, RUNS_LARGE = "small", "large"

ENOUGH_FOR_BAR = 5  # below it nothing is shown but the garment's measures
ENOUGH_FOR_LABEL = 10
_PULL = 20.0  # votes of the parent that stand in for what we do not know yet
_CLEARLY = 0.15  # by how much one side must outweigh the other ...
_ERRORS = 1.28  # ... by this many standard errors: nine times in ten it is no accident


@dataclass(frozen=True, slots=True)
class Tally:
    """Votes counted."""

    small: int = 0
    fit: int = 0
    large: int = 0

    @property
    def votes(self) -> int:
        """Return how many there are."""
        return self.small + self.fit + self.large

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.small + other.small, self.fit + other.fit, self.large + other.large)

    def percent(self, verdict: str) -> int:
        """Return the share of `verdict` in whole per cent, rounded half up; 0 without votes."""
        count: int = getattr(self, verdict)
        return (count * 200 + self.votes) // (2 * self.votes) if self.votes else 0


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of small and large, pulled towards a parent's."""

    small: float
    large: float
    votes: float


def smoothed(tally: Tally, parent: Rates, *, pull: float = _PULL) -> Rates:
    """Return the shares of `tally` as if `pull` votes of the parent had been cast as well."""
    weight = tally.votes + pull
    return Rates((tally.small + pull * parent.small) / weight, (tally.large + pull * parent.large) / weight, weight)


def label(tally: Tally, parent: Rates) -> str:
    """Return RUNS_SMALL or RUNS_LARGE when one side clearly outweighs the other, else an empty string.

    Clearly: the smoothed shares differ by more than 15 points and by 1.28 standard errors more than that.
    """
    if tally.votes < ENOUGH_FOR_LABEL:
        return ""
    rates = smoothed(tally, parent)
    lean = rates.small - rates.large
    error = sqrt(max(0.0, rates.small + rates.large - lean * lean) / rates.votes)
    if abs(lean) - _ERRORS * error <= _CLEARLY:
        return ""
    return RUNS_SMALL if lean > 0 else RUNS_LARGE


def parent_of(tallies: Iterable[Tally]) -> Rates:
    """Return the shares over all tallies, begun with one vote in eight on either side."""
    total = sum(tallies, Tally(1, 6, 1))
    return Rates(total.small / total.votes, total.large / total.votes, total.votes)
