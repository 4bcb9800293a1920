"""The days of a promise on which somebody is at home, when the shopper changes them after ordering.

Source: commerce reference A3.10 (reduce to those days; if none is left, ask, do not guess).
"""

from __future__ import annotations

from datetime import date, timedelta

from orders.rules.promise import NobodyHome, Route
from shop.rules.calendar import HORIZON_DAYS, NoOpenDay


def narrow(
    *, from_on: date, by_on: date, home_weekdays: frozenset[int], route: Route, not_before: date
) -> tuple[date, date]:
    """Return the promised days somebody is at home.  Without a wish the range stays as it is.

    Raises NobodyHome with the next day that would do when the range has none, NoOpenDay when there never is one.
    """
    if not home_weekdays:
        return from_on, by_on
    first = max(from_on, not_before)
    days = [day for day in _days(first, by_on) if _comes(day, route) and day.weekday() in home_weekdays]
    if days:
        return days[0], days[-1]
    raise NobodyHome(from_on, by_on, next_day_home(after=max(by_on, not_before), weekdays=home_weekdays, route=route))


def next_day_home(*, after: date, weekdays: frozenset[int], route: Route) -> date:
    """Return the first later day the carrier comes and somebody is there.  Raises NoOpenDay."""
    for offset in range(1, HORIZON_DAYS):
        day = after + timedelta(days=offset)
        if _comes(day, route) and day.weekday() in weekdays:
            return day
    raise NoOpenDay("nobody is at home on any day of delivery")


def _comes(day: date, route: Route) -> bool:
    return route.carrier.is_open(day) and route.destination.is_open(day)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
