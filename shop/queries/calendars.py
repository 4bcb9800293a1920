"""Calendars from rows: what the rules count with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from time import monotonic
from typing import NamedTuple

from shop.models import BusinessCalendar, CalendarException, CalendarVersion, OpeningInterval, WeekdayCutoff
from shop.rules.calendar import WorkingCalendar
from shop.rules.calendar_facts import CalendarFacts, Days

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
    known = _Known(row.pk, row.code, row.time_zone, row.version, row.name)
    built = _build(known, int(monotonic() // _KEEP_SECONDS))
    return built if row.capacity_per_day is None else replace(built, capacity_per_day=row.capacity_per_day)


def facts_of(row: BusinessCalendar) -> CalendarFacts:
    """Return everything that makes a calendar, as its rows say now.  Three queries, never from memory."""
    hours = OpeningInterval.objects.filter(calendar=row).order_by("weekday", "opens", "id")
    cutoffs = WeekdayCutoff.objects.filter(calendar=row).order_by("weekday", "id")
    days = CalendarException.objects.filter(calendar=row).order_by("first_on", "source", "id")
    return CalendarFacts(
        code=row.code,
        name=row.name,
        time_zone=row.time_zone,
        country=row.country,
        subdivision=row.subdivision,
        holiday_categories=tuple(row.holiday_categories),
        capacity_per_day=row.capacity_per_day,
        hours=tuple((each.weekday, each.opens, each.closes) for each in hours),
        cutoffs=tuple((each.weekday, each.cutoff) for each in cutoffs),
        days=tuple(_days(each) for each in days),
    )


def history_of(calendar_id: int) -> list[CalendarVersion]:
    """Return the versions of a calendar, newest first, with who made them.  One query."""
    rows = CalendarVersion.objects.filter(calendar=calendar_id).select_related("made_by")
    return list(rows.order_by("-version", "-id"))


class _Known(NamedTuple):
    """What a row says; the same again means that nothing changed."""

    id: int
    code: str
    time_zone: str
    version: int
    name: str


@lru_cache(maxsize=256)
def _build(row: _Known, _period: int) -> WorkingCalendar:
    unsaved = BusinessCalendar(pk=row.id, code=row.code, name=row.name, time_zone=row.time_zone)
    return facts_of(unsaved).working_calendar(row.version)


def _days(row: CalendarException) -> Days:
    return Days(
        first_on=row.first_on,
        last_on=row.last_on,
        closed=row.kind == CalendarException.Kind.CLOSED,
        reason=row.public_reason,
        opens=row.opens,
        closes=row.closes,
        cutoff=row.cutoff,
        capacity=row.capacity,
        by_staff=row.source == CalendarException.Source.STAFF,
        applies=row.applies,
    )
