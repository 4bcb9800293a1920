"""Calendars and routes of the conformance vectors, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from orders.rules.promise import Route
from shop.rules.calendar import CLOSED, DayPlan, WorkingCalendar

HOURS = ((time(9), time(18)),)


def week(
    days: Iterable[int] = range(5), *, cutoff: time | None = None, cutoffs: Mapping[int, time] | None = None
) -> tuple[DayPlan, ...]:
    """Seven plans, open on `days`, with one cut-off or one a weekday."""
    own = cutoffs or {}
    return tuple(DayPlan(HOURS, own.get(day, cutoff)) if day in days else CLOSED for day in range(7))


def closed(*days: date, reason: str = "closed") -> dict[date, DayPlan]:
    """Exceptions that close the given days."""
    return {day: DayPlan(reason=reason) for day in days}


def route(
    *,
    zone: str = "Europe/Lisbon",
    workshop_closed: Mapping[date, DayPlan] | None = None,
    carrier_days: Iterable[int] = range(6),
    carrier_closed: Mapping[date, DayPlan] | None = None,
    destination_closed: Mapping[date, DayPlan] | None = None,
    destination_zone: str = "",
    cutoffs: Mapping[int, time] | None = None,
    handling_days: int = 2,
    transit: tuple[int, int] = (2, 3),
) -> Route:
    """The shop of the vectors: Monday to Friday till noon, two days' work; carrier to Saturday, two to three days."""
    return Route(
        workshop=WorkingCalendar("workshop", zone, week(cutoff=time(12), cutoffs=cutoffs), workshop_closed or {}),
        carrier=WorkingCalendar("carrier", zone, week(list(carrier_days)), carrier_closed or {}),
        destination=WorkingCalendar("destination", destination_zone or zone, week(range(7)), destination_closed or {}),
        handling_days=handling_days,
        transit_min_days=transit[0],
        transit_max_days=transit[1],
        service="door",
    )


def at(day: date, clock: str, zone: str = "Europe/Lisbon") -> datetime:
    """A moment on a clock: at(date(2025, 1, 22), "12:01")."""
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=ZoneInfo(zone))
