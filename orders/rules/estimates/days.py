"""Open days of one calendar, numbered, so that counting working days is subtraction.

Source: delivery reference 1.3 (all stages are counted in working days).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from shop.rules.calendar import NoOpenDay


class DayCount:
    """The open days from `first_on` to `last_on`, numbered from 0.  Raises NoOpenDay for days beyond either end."""

    def __init__(self, first_on: date, last_on: date, is_open: Callable[[date], bool]) -> None:
        days = [first_on + timedelta(days=offset) for offset in range((last_on - first_on).days + 1)]
        self.days = [day for day in days if is_open(day)]
        self.weekdays = [day.weekday() for day in self.days]
        self._first = first_on.toordinal()
        self._open = [False] * len(days)
        self._forward = [0] * len(days)
        number = 0
        for index, day in enumerate(days):
            self._forward[index] = number
            if number < len(self.days) and day == self.days[number]:
                self._open[index] = True
                number += 1

    def is_open(self, day: date) -> bool:
        """Tell whether anybody works on `day`."""
        return self._open[self._index(day)]

    def forward(self, day: date) -> int:
        """Return the number of the first open day on or after `day`."""
        number = self._forward[self._index(day)]
        if number >= len(self.days):
            raise NoOpenDay(f"no open day after {day}")
        return number

    def back(self, day: date) -> int:
        """Return the number of the last open day on or before `day`."""
        index = self._index(day)
        number = self._forward[index] if self._open[index] else self._forward[index] - 1
        if number < 0:
            raise NoOpenDay(f"no open day before {day}")
        return number

    def day(self, number: int) -> date:
        """Return the open day with that number."""
        if not 0 <= number < len(self.days):
            raise NoOpenDay(f"open day {number} lies beyond the calendar")
        return self.days[number]

    def _index(self, day: date) -> int:
        index = day.toordinal() - self._first
        if not 0 <= index < len(self._open):
            raise NoOpenDay(f"{day} lies beyond the calendar")
        return index
