"""Arrived and happy? When she is asked, until when an answer is waited for, and when a review may be asked for.

Asked once.  Silence is no answer: it counts as neither, and nobody asks again.
Source: delivery reference 1.2 (happy: confirmed, or three days silent); ux reference 2.7; commerce reference A1.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from shop.rules.calendar import WorkingCalendar

ASK_AFTER_DAYS = 1  # working days of her country: a night to try it on
ASK_FROM = time(10)
WAIT_DAYS = 3  # working days of her country
TOO_LATE = timedelta(days=14)  # after that the question is no care any more

NEXT: dict[str, frozenset[str]] = {
    "waiting": frozenset({"asked", "left_out", "happy", "not_quite"}),
    "asked": frozenset({"happy", "not_quite"}),
    "happy": frozenset({"not_quite"}),  # a fault shows itself later
    "left_out": frozenset({"happy", "not_quite"}),
    "not_quite": frozenset(),
}


def ask_at(*, calendar: WorkingCalendar, delivered_at: datetime) -> datetime:
    """Return when she is asked: at ten in the morning of her next working day.  Raises NoOpenDay."""
    day = calendar.add(calendar.local_day(delivered_at), ASK_AFTER_DAYS)
    return datetime.combine(day, ASK_FROM, tzinfo=calendar.zone)


def closes_at(*, calendar: WorkingCalendar, asked_at: datetime) -> datetime:
    """Return when silence begins to count as neither: the end of her third working day.  Raises NoOpenDay."""
    return calendar.day_ends_at(calendar.add(calendar.local_day(asked_at), WAIT_DAYS))


def too_late(*, delivered_at: datetime, at: datetime) -> bool:
    """Say whether the arrival is too long ago to ask about."""
    return at - delivered_at > TOO_LATE
