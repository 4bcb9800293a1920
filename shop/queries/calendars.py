"""Calendars from rows: what the rules count with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, time, timedelta
from functools import lru_cache
from time import monotonic
from typing import NamedTuple

from shop.models import BusinessCalendar, CalendarException, OpeningInterval, WeekdayCutoff
from shop.rules.calendar import DayPlan, WorkingCalendar

_KEEP_SECONDS = 600


def working_calendars(codes: Iterable[str]) -> dict[str, WorkingCalendar]:
    """Return the named calendars by code; a code nobody entered is missing in the answer.

    One query for the versions, see `calendar_of`.
    """
    rows = BusinessCalendar.objects.filter(code__in=set(codes)).order_by("id")
    return {row.code: calendar_of(row) for row in rows}


def calendar_of(row: BusinessCalendar) -> WorkingCalendar:
    """Return the calendar of a row just read.  Three queries, none when this version was asked for lately.

    Every change of a calendar raises its version in the same transaction, so that a page pays nothing for holidays.
    """
    return _build(_Known(row.pk, row.code, row.time_zone, row.version, row.name), int(monotonic() // _KEEP_SECONDS))


class _Known(NamedTuple):
    """What a row says; the same again means that nothing changed."""

    id: int
    code: str
    time_zone: str
    version: int
    name: str


@lru_cache(maxsize=256)
def _build(row: _Known, _period: int) -> WorkingCalendar:
    hours: dict[int, list[tuple[time, time]]] = defaultdict(list)
    for interval in OpeningInterval.objects.filter(calendar=row.id).order_by("weekday", "opens", "id"):
        hours[interval.weekday].append((interval.opens, interval.closes))
    last_calls = WeekdayCutoff.objects.filter(calendar=row.id).order_by("weekday", "id")
    cutoffs = {last_call.weekday: last_call.cutoff for last_call in last_calls}
    week = tuple(DayPlan(tuple(hours[weekday]), cutoffs.get(weekday)) for weekday in range(7))
    exceptions: dict[date, DayPlan] = {}
    # Library rows first, so that what staff say about the same day wins.
    for exception in CalendarException.objects.filter(calendar=row.id).order_by("source", "first_on", "id"):
        _apply(exceptions, exception, week)
    return WorkingCalendar(row.code, row.time_zone, week, exceptions, row.version, row.name)


def _apply(exceptions: dict[date, DayPlan], exception: CalendarException, week: tuple[DayPlan, ...]) -> None:
    for offset in range((exception.last_on - exception.first_on).days + 1):
        day = exception.first_on + timedelta(days=offset)
        if exception.kind == CalendarException.Kind.CLOSED:
            exceptions[day] = DayPlan(reason=exception.public_reason)
        elif exception.opens and exception.closes:
            cutoff = exception.cutoff or week[day.weekday()].cutoff
            exceptions[day] = DayPlan(((exception.opens, exception.closes),), cutoff, exception.public_reason)
