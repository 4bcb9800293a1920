"""Calendars from rows: what the rules count with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from time import monotonic
from typing import NamedTuple

from shop.models import BusinessCalendar, CalendarException, CalendarVersion, OpeningInterval, WeekdayCutoff
from shop.rules.calendar import WorkingCalendar
from shop.rules.calendar_facts import CalendarFacts, Days

_KEEP_SECONDS = 600
_KEEP_CALENDARS = 256


def working_calendars(codes: Iterable[str]) -> dict[str, WorkingCalendar]:
    """Return the named calendars by code; a code nobody entered is missing in the answer.

    One query for the versions, see `calendars_of`.
    """
    rows = BusinessCalendar.objects.filter(code__in=set(codes)).order_by("id")
    return {row.code: calendar for row, calendar in zip(rows, calendars_of(*rows), strict=True)}


def calendar_of(row: BusinessCalendar) -> WorkingCalendar:
    """Return the calendar of a row just read, see `calendars_of`."""
    return calendars_of(row)[0]


def calendars_of(*rows: BusinessCalendar) -> list[WorkingCalendar]:
    """Return the calendars of rows just read.  Three queries, none when these versions were asked for lately.

    Every change of a calendar raises its version in the same transaction, so that a page pays nothing for holidays.
    """
    period = int(monotonic() // _KEEP_SECONDS)
    wanted = [_Known(row.pk, row.code, row.time_zone, row.version, row.name, period) for row in rows]
    built = {known: _kept[known] for known in wanted if known in _kept}
    if missing := {known.id: known for known in wanted if known not in built}:
        built |= _keep(missing)
    return [
        built[known] if row.capacity_per_day is None else replace(built[known], capacity_per_day=row.capacity_per_day)
        for known, row in zip(wanted, rows, strict=True)
    ]


def facts_of(row: BusinessCalendar) -> CalendarFacts:
    """Return everything that makes a calendar, as its rows say now.  Three queries, never from memory."""
    return _facts_of([row])[row.pk]


def history_of(calendar_id: int) -> list[CalendarVersion]:
    """Return the versions of a calendar, newest first, with who made them.  One query."""
    rows = CalendarVersion.objects.filter(calendar=calendar_id).select_related("made_by")
    return list(rows.order_by("-version", "-id"))


class _Known(NamedTuple):
    """What a row says and when it was asked for; the same again means that nothing changed."""

    id: int
    code: str
    time_zone: str
    version: int
    name: str
    period: int


_kept: dict[_Known, WorkingCalendar] = {}


def _keep(missing: Mapping[int, _Known]) -> dict[_Known, WorkingCalendar]:
    """Build what nobody has asked for lately, and forget everything else when it has become much."""
    unsaved = [
        BusinessCalendar(pk=row.id, code=row.code, name=row.name, time_zone=row.time_zone) for row in missing.values()
    ]
    built = {missing[id_]: facts.working_calendar(missing[id_].version) for id_, facts in _facts_of(unsaved).items()}
    if len(_kept) + len(built) > _KEEP_CALENDARS:
        _kept.clear()
    _kept.update(built)
    return built


def _facts_of(rows: Sequence[BusinessCalendar]) -> dict[int, CalendarFacts]:
    hours, cutoffs, days = defaultdict(list), defaultdict(list), defaultdict(list)
    for interval in OpeningInterval.objects.filter(calendar__in=rows).order_by("weekday", "opens", "id"):
        hours[interval.calendar_id].append((interval.weekday, interval.opens, interval.closes))
    for cutoff in WeekdayCutoff.objects.filter(calendar__in=rows).order_by("weekday", "id"):
        cutoffs[cutoff.calendar_id].append((cutoff.weekday, cutoff.cutoff))
    for exception in CalendarException.objects.filter(calendar__in=rows).order_by("first_on", "source", "id"):
        days[exception.calendar_id].append(_days(exception))
    return {
        row.pk: CalendarFacts(
            code=row.code,
            name=row.name,
            time_zone=row.time_zone,
            country=row.country,
            subdivision=row.subdivision,
            holiday_categories=tuple(row.holiday_categories),
            capacity_per_day=row.capacity_per_day,
            hours=tuple(hours[row.pk]),
            cutoffs=tuple(cutoffs[row.pk]),
            days=tuple(days[row.pk]),
        )
        for row in rows
    }


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
