"""Level control: ask the tables for a little more or less than the target, so that what is kept meets the target.

Only first promises count, each on the day it fell due, never on an earlier arrival: that would flatter the level.
The level moves on the scale of odds, so that one rule serves every target, and further down than up: what turns slower
is answered by the tables themselves within days, while padding that is no longer needed is only seen here.  Every
region of destination has a level of its own: a share kept in the capitals is no comfort to those far away.
It forgets half in two weeks, and the target itself speaks with twenty misses: as many must have been allowed lately
before what was kept is heard as loudly.  A level that remembers a jam for months pads long after it; one that hears
every miss pays twice: it pads when the network has just recovered, and cuts when the next jam begins.

Then comes care: a quantile read from few parcels is kept more rarely than it says, because it is chosen where luck made
it look early.  So a destination begins with three tenths of its misses taken away, and gets them back with the promises
that were kept there lately.  Broken ones buy nothing.
What was tried on earlier orders and left:
- a level for every state that follows what was missed there: a jam is over before enough of its promises have fallen
  due, and the padding comes when it is no longer needed (worst state .907 to .911, everybody .2 days longer);
- a level that does not wait for the promised day, but counts every day how many of those still on their way should
  have come by what was foretold when they were bought, the older the surer: better in a jam (pinball 1.49 to 1.48),
  worse by more after it (1.00 to 1.07), because the tables have heard of the same parcels by then.
Source: delivery reference 1.3 (adaptive level, resolved on the due day); Gibbs and Candès 2021; the finite-sample
correction of conformal prediction (n parcels keep a share only when the share of n + 1 is asked), bounded.
"""

from __future__ import annotations

import math

HALF_LIFE_DAYS = 14.0  # of what was kept and missed in a region
KEPT_HALF_LIFE_DAYS = 30.0  # of what a destination has earned
TARGET_MISSES = 20.0  # missed promises with which the target itself speaks, whatever it is
LOWEST, HIGHEST = -0.4, 0.05  # of the logarithm of odds
FEW = 8.0  # kept promises that speak as loud as the doubt about a destination
LEAST_RISK = 0.7  # of the misses a target allows, where nothing is known
EVEN = 0.5  # a day that is as often too early as too late is no promise, and needs no care


class LevelControl:
    """The level asked of the tables for one target (a probability between 0 and 1), in one region."""

    def __init__(self, target: float) -> None:
        self.target = target
        self.due = 0.0
        self.missed = 0.0
        self._fade = 0.5 ** (1.0 / HALF_LIFE_DAYS)

    def pass_day(self) -> None:
        """Let a calendar day pass: what was kept or missed before it fades a little."""
        self.due *= self._fade
        self.missed *= self._fade

    def settle(self, *, kept: bool) -> None:
        """Count a promise that falls due today."""
        self.due += 1
        self.missed += not kept

    @property
    def asked(self) -> float:
        """Return the level to ask for."""
        return asked_level(self.target, due=self.due, missed=self.missed)


class DestinationLevel:
    """The level asked for one destination: its region's, with the more care the fewer promises were kept there.

    A destination that is its own region (a delivery service) has both.
    """

    def __init__(self, region: LevelControl) -> None:
        self.region = region
        self.kept = 0.0
        self._fade = 0.5 ** (1.0 / KEPT_HALF_LIFE_DAYS)

    def pass_day(self) -> None:
        """Let a calendar day pass here; the region's days are passed by whoever keeps it."""
        self.kept *= self._fade

    def settle(self, *, kept: bool) -> None:
        """Count a promise that falls due today, here and in the region."""
        self.kept += kept
        self.region.settle(kept=kept)

    @property
    def asked(self) -> float:
        """Return the level to ask for."""
        asked = self.region.asked
        return careful(asked, kept=self.kept) if self.region.target > EVEN else asked


def careful(asked: float, *, kept: float) -> float:
    """Return the level to ask for instead of `asked` where `kept` promises (weighted by recency) were kept."""
    return 1.0 - (1.0 - asked) * max(kept / (kept + FEW), LEAST_RISK)


def asked_level(target: float, *, due: float, missed: float) -> float:
    """Return the level to ask for when `missed` of `due` promises (weighted by recency) were not kept."""
    allowed = 1.0 - target
    rate = (missed + TARGET_MISSES) / (due + TARGET_MISSES / allowed)
    move = math.log(max(rate, 1e-9) / max(1.0 - rate, 1e-9)) - math.log(allowed / target)
    odds = target / allowed * math.exp(min(max(move, LOWEST), HIGHEST))
    return odds / (1.0 + odds)
