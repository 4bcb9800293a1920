"""Greetings on a day that is hers: when it comes.

A greeting is sent on its day or not at all: a late one says that a machine wrote it.  Who was born on 29 February is
greeted on the 28th in other years.  Source: commerce reference A1 (rel:{customer}:{year}:{kind}).
"""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

GREETED_FROM = time(9)


def falls_on(day: date, *, year: int) -> date:
    """Return on which day of `year` a day of another year is remembered."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def is_today(day: date, *, today: date) -> bool:
    """Say whether a day of an earlier year is remembered today; the day itself is no anniversary."""
    return day.year < today.year and falls_on(day, year=today.year) == today


def next_greeting_at(day: date, *, after: datetime, zone: ZoneInfo) -> datetime:
    """Return nine in the morning, by the clock of `zone`, of the first such day that begins after `after`."""
    year = max(after.astimezone(zone).year, day.year + 1)
    while (found := datetime.combine(falls_on(day, year=year), GREETED_FROM, tzinfo=zone)) <= after:
        year += 1
    return found


def years_since(day: date, *, today: date) -> int:
    """Return how many whole years have passed when a day is remembered today."""
    return today.year - day.year
