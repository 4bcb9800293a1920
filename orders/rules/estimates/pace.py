"""Pace: how many parcels ended a stage beside how many the tables expected, with a short memory.

A ratio above 1 is faster than the tables, below 1 slower.  Few parcels say little: the ratio leans towards 1.
Source: delivery reference 1.3 (recency); observed over expected, as in mortality statistics.
"""

from __future__ import annotations

from collections.abc import Hashable


class Ratios:
    """Observed over expected per group; a day's counts lose half their weight in `half_life` days, `lean` pull to 1."""

    def __init__(self, *, half_life: float, lean: float) -> None:
        self.lean = lean
        self._fade = 0.5 ** (1.0 / half_life)
        self._day = 0
        self._groups: dict[Hashable, tuple[float, float, int]] = {}

    def pass_day(self) -> None:
        """Let a day pass."""
        self._day += 1

    def add(self, key: Hashable, *, observed: float, expected: float) -> None:
        """Count what was seen and what the tables had expected."""
        seen, due, day = self._groups.get(key, (0.0, 0.0, self._day))
        fade: float = self._fade ** (self._day - day)
        self._groups[key] = (seen * fade + observed, due * fade + expected, self._day)

    def ratio(self, key: Hashable) -> float:
        """Return the ratio of a group, 1 for one never seen."""
        found = self._groups.get(key)
        if found is None:
            return 1.0
        seen, due, day = found
        fade: float = self._fade ** (self._day - day)
        return (seen * fade + self.lean) / (due * fade + self.lean)


class WeekdayPace:
    """How much of an ordinary working day each weekday is worth: 1 on average, a Saturday with few vans perhaps 0.3."""

    def __init__(self, *, half_life: float = 140.0, lean: float = 30.0) -> None:
        self._lean = lean
        self._fade = 0.5 ** (1.0 / half_life)
        self._seen = [lean] * 7
        self._due = [lean] * 7

    def add(self, weekday: int, *, observed: float, expected: float) -> None:
        """Count a day: what was seen, and what the tables expected of a day worth 1."""
        self._seen = [value * self._fade for value in self._seen]
        self._due = [value * self._fade for value in self._due]
        self._seen[weekday] += observed
        self._due[weekday] += expected

    def worth(self) -> list[float]:
        """Return what each weekday is worth, Monday first; Monday to Friday are worth 1 on average."""
        raw = [seen / due for seen, due in zip(self._seen, self._due, strict=True)]
        usual = sum(raw[:5]) / 5
        return [value / usual for value in raw]
