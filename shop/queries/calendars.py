"""Calendars from rows: what the rules count with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, time, timedelta

from django.core.cache import cache

from shop.models import BusinessCalendar, CalendarException
from shop.rules.calendar import DayPlan, WorkingCalendar

_KEEP_SECONDS = 600


def working_calendars(codes: Iterable[str]) -> dict[str, WorkingCalendar]:
    """Return the named calendars by code; a code nobody entered is missing in the answer.

    One query for the versions; the rest is read again only when a version changed (every change of a calendar raises
    it in the same transaction), so that a page pays one query whatever the number of holidays.
    """
    wanted = set(codes)
    rows = BusinessCalendar.objects.filter(code__in=wanted).order_by("id")
    found: dict[str, WorkingCalendar] = {}
    stale: list[BusinessCalendar] = []
    for row in rows:
        kept = cache.get(_key(row))
        if kept is None:
            stale.append(row)
        else:
            found[row.code] = kept
    for row in stale:
        found[row.code] = _build(row)
        cache.set(_key(row), found[row.code], _KEEP_SECONDS)
    return found


def _key(row: BusinessCalendar) -> str:
    return f"calendar:{row.pk}:{row.version}"


def _build(row: BusinessCalendar) -> WorkingCalendar:
    hours: dict[int, list[tuple[time, time]]] = defaultdict(list)
    for interval in row.intervals.order_by("weekday", "opens", "id"):
        hours[interval.weekday].append((interval.opens, interval.closes))
    cutoffs = {row.weekday: row.cutoff for row in row.cutoffs.order_by("weekday", "id")}
    week = tuple(DayPlan(tuple(hours[weekday]), cutoffs.get(weekday)) for weekday in range(7))
    exceptions: dict[date, DayPlan] = {}
    # Library rows first, so that what staff say about the same day wins.
    for exception in row.exceptions.order_by("source", "first_on", "id"):
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
