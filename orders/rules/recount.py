"""Does a promise still hold on the calendars as they are now?  Count it again, with the days it was made of.

A stored promise is never rewritten: when a closure is entered later, the count says where the same work and the same
way would end today, and the watch turns a later end into a delay that is told.  The lengths are taken from the promise
itself (the days between its deadlines, less the days it stepped over), so that with unchanged calendars the count
ends exactly where the promise does, whatever method made it.
Source: commerce reference A3.5 (a closure entered later), c-1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from orders.rules.promise import Route
from shop.rules.calendar import HORIZON_DAYS, NoOpenDay, WorkingCalendar

_WORKSHOP_STAGES = frozenset({"start", "work", "hand_over"})


@dataclass(frozen=True)
class Plan:
    """The days of a stored promise, on the clocks of those who act, and the days nobody worked when it was made."""

    starts_on: date
    packed_on: date
    hand_over_on: date
    deliver_by_on: date
    workshop_rests: frozenset[date] = frozenset()
    road_rests: frozenset[date] = frozenset()
    home_weekdays: frozenset[int] = field(default=frozenset())


@dataclass(frozen=True)
class Recount:
    """Where the same work would end now, and the days that were not closed when the promise was made."""

    packed_on: date
    hand_over_on: date
    deliver_by_on: date
    closed_since: tuple[date, ...] = ()
    closed_at: str = ""  # the code of the calendar that closed them


def rests(steps: Iterable[Mapping[str, Any]]) -> tuple[frozenset[date], frozenset[date]]:
    """Return the closed days a promise's steps name: those of the workshop's stages and those of the road."""
    workshop: set[date] = set()
    road: set[date] = set()
    for step in steps:
        days = workshop if step["stage"] in _WORKSHOP_STAGES else road
        days.update(date.fromisoformat(day) for day, _reason in step.get("skipped", ()))
    return frozenset(workshop), frozenset(road)


def recount(plan: Plan, route: Route, *, packed: bool = False, gone_on: date | None = None) -> Recount:
    """Count the plan again on the route's calendars.  `gone_on` is the day it was handed over, None: still with us.

    What has happened is not counted again: a packed parcel waits for its hand-over, one that has gone for its road.
    Raises NoOpenDay when a calendar has no answer.
    """
    packed_on, hand_over_on = plan.packed_on, plan.hand_over_on
    if gone_on is None:
        packed_on = plan.packed_on if packed else _packed(plan, route)
        hand_over_on = _handed_over(plan, route, packed_on)
    deliver_by_on = _delivered(plan, route, gone_on or hand_over_on)
    since, where = _closed_since(plan, route, gone_on)
    return Recount(packed_on, hand_over_on, deliver_by_on, since, where)


def _packed(plan: Plan, route: Route) -> date:
    days = _counted(plan.starts_on, plan.packed_on, plan.workshop_rests)
    return _advance(_first(plan.starts_on, route.workshop.is_open), days, route.workshop.is_open)


def _handed_over(plan: Plan, route: Route, packed_on: date) -> date:
    days = _counted(plan.packed_on, plan.hand_over_on, plan.workshop_rests)
    both = _all_open([route.workshop, route.carrier])
    if days == 0:  # packed and fetched on one day
        return _first(packed_on, both)
    return _advance(packed_on, days, both)


def _delivered(plan: Plan, route: Route, hand_over_on: date) -> date:
    home = plan.home_weekdays
    days = sum(
        not home or day.weekday() in home for day in _between(plan.hand_over_on, plan.deliver_by_on, plan.road_rests)
    )
    receives = _all_open([route.carrier, route.destination])
    return _advance(hand_over_on, days, lambda day: receives(day) and (not home or day.weekday() in home))


def _closed_since(plan: Plan, route: Route, gone_on: date | None) -> tuple[tuple[date, ...], str]:
    """Return the days that closed after the promise was made, of the first calendar on the way that closed any."""
    road = _between(gone_on or plan.hand_over_on, plan.deliver_by_on, plan.road_rests)
    work = [] if gone_on else [plan.starts_on, *_between(plan.starts_on, plan.hand_over_on, plan.workshop_rests)]
    for calendar, days in ((route.workshop, work), (route.carrier, road), (route.destination, road)):
        closed = tuple(day for day in days if not calendar.is_open(day))
        if closed:
            return closed, calendar.code
    return (), ""


def _counted(first: date, last: date, resting: frozenset[date]) -> int:
    return len(_between(first, last, resting))


def _between(first: date, last: date, resting: frozenset[date]) -> list[date]:
    """Return the days after `first` up to and including `last` on which somebody worked when it was planned."""
    every = (first + timedelta(days=offset) for offset in range(1, (last - first).days + 1))
    return [day for day in every if day not in resting]


def _all_open(calendars: list[WorkingCalendar]) -> Callable[[date], bool]:
    return lambda day: all(calendar.is_open(day) for calendar in calendars)


def _first(day: date, fits: Callable[[date], bool]) -> date:
    for offset in range(HORIZON_DAYS):
        if fits(day + timedelta(days=offset)):
            return day + timedelta(days=offset)
    raise NoOpenDay(f"no day on or after {day}")


def _advance(day: date, count: int, fits: Callable[[date], bool]) -> date:
    for _ in range(count):
        day = _first(day + timedelta(days=1), fits)
    return day
