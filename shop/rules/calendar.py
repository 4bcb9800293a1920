"""The working calendar: counts days and minutes that somebody really works, on that calendar's own clock.

Pure Python: no database, no clock.  Moments in and out are aware; arithmetic happens on the calendar's local days and
comes back as UTC, so that the nights when clocks change lose and gain nothing.
Source: commerce reference d.5 and A3; delivery reference 1.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

HORIZON_DAYS = 800  # a calendar that is closed for longer than this has no answer

Interval = tuple[time, time]


class NoOpenDay(Exception):
    """The calendar has no open day within the horizon: nobody may guess a date from it."""


@dataclass(frozen=True)
class DayPlan:
    """What one day looks like: open intervals (none = closed), the cut-off, and the reason shoppers may read.

    `capacity` is how many orders may start that day, None: as many as on any other.
    """

    intervals: tuple[Interval, ...] = ()
    cutoff: time | None = None
    reason: str = ""
    capacity: int | None = None


CLOSED = DayPlan()


@dataclass(frozen=True)
class WorkingCalendar:
    """A week plus exceptions.  `week` has seven plans, Monday first; `exceptions` wins over it."""

    code: str
    time_zone: str
    week: tuple[DayPlan, ...]
    exceptions: Mapping[date, DayPlan] = field(default_factory=dict)
    version: int = 1
    name: str = ""
    capacity_per_day: int | None = None

    @cached_property
    def zone(self) -> ZoneInfo:
        """Return the calendar's own clock."""
        return ZoneInfo(self.time_zone)

    # -- Days ---------------------------------------------------------------------------------------------------
    def plan(self, day: date) -> DayPlan:
        """Return the plan of one day."""
        return self.exceptions.get(day, self.week[day.weekday()])

    def is_open(self, day: date) -> bool:
        """Tell whether anybody works on `day`."""
        return bool(self.plan(day).intervals)

    def reason(self, day: date) -> str:
        """Return why `day` is closed, in the words shoppers read; empty for an ordinary weekend."""
        return "" if self.is_open(day) else self.plan(day).reason

    def capacity(self, day: date) -> int | None:
        """Return how many orders may start on `day`: None without a limit, 0 on a closed day."""
        plan = self.plan(day)
        if not plan.intervals:
            return 0
        return self.capacity_per_day if plan.capacity is None else plan.capacity

    @property
    def limits_orders(self) -> bool:
        """Say whether any day has a limit of orders."""
        return self.capacity_per_day is not None or any(plan.capacity is not None for plan in self.exceptions.values())

    def local_day(self, moment: datetime) -> date:
        """Return the calendar's own day at an aware moment."""
        return moment.astimezone(self.zone).date()

    def next_open(self, day: date) -> date:
        """Return the first open day on or after `day`.  Raises NoOpenDay beyond the horizon."""
        for offset in range(HORIZON_DAYS):
            candidate = day + timedelta(days=offset)
            if self.is_open(candidate):
                return candidate
        raise NoOpenDay(self.code)

    def last_open(self, day: date) -> date:
        """Return the last open day on or before `day`.  Raises NoOpenDay beyond the horizon."""
        for offset in range(HORIZON_DAYS):
            candidate = day - timedelta(days=offset)
            if self.is_open(candidate):
                return candidate
        raise NoOpenDay(self.code)

    def add(self, day: date, working_days: int) -> date:
        """Return the day `working_days` open days after `day`; 0 gives the first open day on or after it.

        Raises NoOpenDay beyond the horizon.
        """
        current = self.next_open(day) if working_days == 0 else day
        for _ in range(working_days):
            current = self.next_open(current + timedelta(days=1))
        return current

    def subtract(self, day: date, working_days: int) -> date:
        """Return the open day `working_days` open days before `day`.  Raises NoOpenDay beyond the horizon."""
        current, left = day, working_days
        for _ in range(HORIZON_DAYS):
            if left == 0:
                return current
            current -= timedelta(days=1)
            left -= self.is_open(current)
        raise NoOpenDay(self.code)

    def days_between(self, first: date, last: date) -> int:
        """Count the open days after `first` up to and including `last`; 0 when `last` is not later."""
        return sum(self.is_open(day) for day in _days(first + timedelta(days=1), last))

    def closed_days(self, first: date, last: date) -> list[tuple[date, str]]:
        """Return (day, reason) of every closed day from `first` to `last`, both included."""
        return [(day, self.reason(day)) for day in _days(first, last) if not self.is_open(day)]

    # -- Cut-off ------------------------------------------------------------------------------------------------
    def cutoff_at(self, day: date) -> datetime | None:
        """Return the moment (UTC) up to which orders still start on `day`; None when `day` is closed.

        Without a cut-off of its own the day's last closing time counts.
        """
        plan = self.plan(day)
        if not plan.intervals:
            return None
        return self._at(day, plan.cutoff or plan.intervals[-1][1])

    def first_day_for(self, moment: datetime) -> date:
        """Return the first working day for something that arrives at `moment`.

        It is the same day only when `moment` is strictly before that day's cut-off: at the cut-off second itself the
        next open day begins.  One rule for page, bag, checkout and mail (commerce reference A3.2).
        Raises NoOpenDay beyond the horizon.
        """
        day = self.local_day(moment)
        cutoff = self.cutoff_at(day)
        if cutoff is not None and moment < cutoff:
            return day
        return self.next_open(day + timedelta(days=1))

    def day_closes_at(self, day: date) -> datetime:
        """Return the moment (UTC) the last interval of `day` ends; the end of the day when it is closed."""
        plan = self.plan(day)
        if plan.intervals:
            return self._at(day, plan.intervals[-1][1])
        return self.day_ends_at(day)

    def day_ends_at(self, day: date) -> datetime:
        """Return the midnight (UTC) that ends `day` on the calendar's clock."""
        return self._at(day + timedelta(days=1), time(0))

    # -- Minutes ------------------------------------------------------------------------------------------------
    def add_minutes(self, start: datetime, minutes: int) -> datetime:
        """Return the moment (UTC) at which `minutes` open minutes have passed since `start`.

        Raises NoOpenDay beyond the horizon.
        """
        left = timedelta(minutes=minutes)
        for opens, closes in self._intervals_from(start):
            begins = max(opens, start)
            if begins >= closes:
                continue
            if left <= closes - begins:
                return begins + left
            left -= closes - begins
        raise NoOpenDay(self.code)

    def subtract_minutes(self, end: datetime, minutes: int) -> datetime:
        """Return the moment (UTC) from which `minutes` open minutes are left until `end`.

        Raises NoOpenDay beyond the horizon.
        """
        left = timedelta(minutes=minutes)
        last = self.local_day(end)
        for offset in range(HORIZON_DAYS):
            day = last - timedelta(days=offset)
            for opens, closes in reversed(self.plan(day).intervals):
                begins, ends = self._at(day, opens), min(self._at(day, closes), end)
                if ends > begins and left <= ends - begins:
                    return ends - left
                left -= max(timedelta(), ends - begins)
        raise NoOpenDay(self.code)

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Count the whole open minutes from `start` to `end`; 0 when `end` is not later."""
        if end <= start:
            return 0
        spent = timedelta()
        for opens, closes in self._intervals_from(start):
            if opens >= end:
                break
            spent += max(timedelta(), min(closes, end) - max(opens, start))
        return int(spent.total_seconds() // 60)

    def _intervals_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        first = self.local_day(start)
        for offset in range(HORIZON_DAYS):
            day = first + timedelta(days=offset)
            for opens, closes in self.plan(day).intervals:
                yield self._at(day, opens), self._at(day, closes)

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC)


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
