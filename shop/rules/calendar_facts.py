"""What a calendar consists of, as plain values: kept for every version, compared, and turned into the days that count.

Rows and what somebody is about to save take this one path, so that a preview counts with the very calendar that would
be saved.  Source: commerce reference d.5 (every change bumps the version and is kept), c-1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, time, timedelta
from typing import Any

from shop.rules.calendar import DayPlan, WorkingCalendar

COMPARED_DAYS = 400  # how far ahead two calendars are compared day by day


@dataclass(frozen=True)
class Days:
    """Some days that differ from the week, both ends included.

    `by_staff` wins over what the library says; days that do not apply are kept to look at and count for nothing.
    """

    first_on: date
    last_on: date
    closed: bool
    reason: str
    opens: time | None = None
    closes: time | None = None
    cutoff: time | None = None
    capacity: int | None = None
    by_staff: bool = True
    applies: bool = True


@dataclass(frozen=True)
class CalendarFacts:
    """Everything that makes a calendar.  `hours` are (weekday, opens, closes), `cutoffs` (weekday, time)."""

    code: str
    name: str
    time_zone: str
    country: str = ""
    subdivision: str = ""
    holiday_categories: tuple[str, ...] = ()
    capacity_per_day: int | None = None
    hours: tuple[tuple[int, time, time], ...] = ()
    cutoffs: tuple[tuple[int, time], ...] = ()
    days: tuple[Days, ...] = ()

    def working_calendar(self, version: int = 1) -> WorkingCalendar:
        """Return the calendar that counts days and minutes."""
        last_calls = dict(self.cutoffs)
        week = tuple(
            DayPlan(
                tuple((opens, closes) for day, opens, closes in self.hours if day == weekday), last_calls.get(weekday)
            )
            for weekday in range(7)
        )
        exceptions: dict[date, DayPlan] = {}
        counted = [each for each in self.days if each.applies]
        for each in sorted(counted, key=lambda days: (days.by_staff, days.first_on)):  # staff come last
            exceptions |= {day: _plan(each, week[day.weekday()]) for day in _each(each)}
        return WorkingCalendar(self.code, self.time_zone, week, exceptions, version, self.name, self.capacity_per_day)

    def as_json(self) -> dict[str, Any]:
        """Return the facts as plain JSON values, times and days in ISO text."""
        return {
            "code": self.code,
            "name": self.name,
            "time_zone": self.time_zone,
            "country": self.country,
            "subdivision": self.subdivision,
            "holiday_categories": list(self.holiday_categories),
            "capacity_per_day": self.capacity_per_day,
            "hours": [[day, _iso(opens), _iso(closes)] for day, opens, closes in self.hours],
            "cutoffs": [[day, _iso(cutoff)] for day, cutoff in self.cutoffs],
            "days": [{field.name: _iso(getattr(each, field.name)) for field in fields(Days)} for each in self.days],
        }


def from_json(kept: dict[str, Any]) -> CalendarFacts:
    """Return the facts that `as_json` wrote."""
    return CalendarFacts(
        code=kept["code"],
        name=kept["name"],
        time_zone=kept["time_zone"],
        country=kept["country"],
        subdivision=kept["subdivision"],
        holiday_categories=tuple(kept["holiday_categories"]),
        capacity_per_day=kept["capacity_per_day"],
        hours=tuple(
            (day, time.fromisoformat(opens), time.fromisoformat(closes)) for day, opens, closes in kept["hours"]
        ),
        cutoffs=tuple((day, time.fromisoformat(cutoff)) for day, cutoff in kept["cutoffs"]),
        days=tuple(_days(each) for each in kept["days"]),
    )


@dataclass(frozen=True)
class Changed:
    """One thing that differs: `what` is a field of CalendarFacts; its values are what was and what is, or None."""

    what: str
    before: Any
    after: Any


def changes(before: CalendarFacts, after: CalendarFacts) -> list[Changed]:
    """Return what differs: plain fields as they are, hours and cut-offs by weekday, days one by one, in this order."""
    plain = ("name", "time_zone", "country", "subdivision", "holiday_categories", "capacity_per_day")
    found = [
        Changed(what, getattr(before, what), getattr(after, what))
        for what in plain
        if getattr(before, what) != getattr(after, what)
    ]
    for weekday in range(7):
        old, new = _on(before.hours, weekday), _on(after.hours, weekday)
        if old != new:
            found.append(Changed("hours", (weekday, old), (weekday, new)))
        was, now = dict(before.cutoffs).get(weekday), dict(after.cutoffs).get(weekday)
        if was != now:
            found.append(Changed("cutoffs", (weekday, was), (weekday, now)))
    gone = [Changed("days", each, None) for each in before.days if each not in after.days]
    new_days = [Changed("days", None, each) for each in after.days if each not in before.days]
    return found + sorted(gone + new_days, key=lambda change: (change.before or change.after).first_on)


def changed_days(before: WorkingCalendar, after: WorkingCalendar, *, first: date) -> list[date]:
    """Return the days from `first` on (COMPARED_DAYS of them) that are open in one alone, or close at another time."""
    every = (first + timedelta(days=offset) for offset in range(COMPARED_DAYS))
    return [day for day in every if _face(before, day) != _face(after, day)]


def _face(calendar: WorkingCalendar, day: date) -> Any:
    return calendar.is_open(day) and (calendar.day_closes_at(day), calendar.cutoff_at(day))


def _plan(each: Days, ordinary: DayPlan) -> DayPlan:
    if each.closed or not (each.opens and each.closes):
        return DayPlan(reason=each.reason)
    return DayPlan(((each.opens, each.closes),), each.cutoff or ordinary.cutoff, each.reason, each.capacity)


def _each(days: Days) -> Iterable[date]:
    return (days.first_on + timedelta(days=offset) for offset in range((days.last_on - days.first_on).days + 1))


def _on(hours: Iterable[tuple[int, time, time]], weekday: int) -> tuple[tuple[time, time], ...]:
    return tuple((opens, closes) for day, opens, closes in hours if day == weekday)


def _days(kept: dict[str, Any]) -> Days:
    read: dict[str, Any] = dict(kept)
    read |= {name: date.fromisoformat(kept[name]) for name in ("first_on", "last_on")}
    read |= {name: kept[name] and time.fromisoformat(kept[name]) for name in ("opens", "closes", "cutoff")}
    return Days(**read)


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | time) else value
