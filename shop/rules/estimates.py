"""Estimates that learn from one observation after the other and know how sure they are.

Plain Python, no matrix library: a mean with its spread, and a line whose weights carry a covariance.
Source: Bayesian linear and logistic regression updated one row at a time (assumed-density filtering), as in
T. Minka, "A family of algorithms for approximate Bayesian inference" (2001).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, sqrt
from operator import mul
from typing import Any


def chance(log_odds: float) -> float:
    """Return the probability of `log_odds`; far below nought it is nought."""
    return 1.0 / (1.0 + exp(-log_odds)) if log_odds > -700.0 else 0.0


class Moments:
    """Running mean and spread of a number, begun with a guess that counts like `weight` observations."""

    __slots__ = ("mean", "squares", "weight")

    def __init__(self, mean: float = 0.0, spread: float = 1.0, weight: float = 1.0) -> None:
        self.mean, self.squares, self.weight = mean, spread * spread * weight, weight

    def add(self, value: float) -> None:
        """Learn one value (Welford's update, exact for any number of them)."""
        self.weight += 1.0
        step = value - self.mean
        self.mean += step / self.weight
        self.squares += step * (value - self.mean)

    def place(self, value: float) -> float:
        """Return how many spreads `value` lies above the mean, kept within four of it."""
        if self.squares <= 0.0:
            return 0.0
        return max(-4.0, min(4.0, (value - self.mean) / sqrt(self.squares / self.weight)))

    def as_list(self) -> list[float]:
        """Return what `Moments.of` makes the same again."""
        return [self.mean, self.squares, self.weight]

    @classmethod
    def of(cls, kept: Sequence[float]) -> Moments:
        """Return the moments that `as_list` wrote."""
        made = cls()
        made.mean, made.squares, made.weight = kept
        return made


class Line:
    """Weights of a weighted sum with the covariance of what is still unknown about them."""

    __slots__ = ("covariance", "weights")

    def __init__(self, weights: Sequence[float], variance: float) -> None:
        self.weights = list(weights)
        count = len(self.weights)
        self.covariance = [[variance if row == column else 0.0 for column in range(count)] for row in range(count)]

    def sum(self, values: Sequence[float]) -> float:
        """Return the weighted sum."""
        total: float = sum(map(mul, self.weights, values))
        return total

    def learn(self, values: Sequence[float], error: float, certainty: float) -> None:
        """Move the weights by `error` (observed less expected); `certainty` is what one observation tells.

        For numbers with noise of variance v: error / v and 1 / v.  For yes and no: observed - p, and p * (1 - p).
        """
        reach = [sum(map(mul, row, values)) for row in self.covariance]
        damping = 1.0 + certainty * sum(map(mul, reach, values))
        step = error / damping
        self.weights = [weight + step * each for weight, each in zip(self.weights, reach, strict=True)]
        shrink = certainty / damping
        for row, each in zip(self.covariance, reach, strict=True):
            if each:
                less = shrink * each
                row[:] = [value - less * other for value, other in zip(row, reach, strict=True)]

    def as_dict(self) -> dict[str, Any]:
        """Return what `Line.of` makes the same again, ready for JSON."""
        return {"weights": self.weights, "covariance": self.covariance}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Line:
        """Return the line that `as_dict` wrote."""
        made = cls([], 0.0)
        made.weights = [float(each) for each in kept["weights"]]
        made.covariance = [[float(each) for each in row] for row in kept["covariance"]]
        return made
