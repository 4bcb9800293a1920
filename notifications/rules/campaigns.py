"""Campaigns: which states follow, how many may still go today, when the next day's share begins, in which language.

Source: issue of the one voice (campaign = a group, a message, a schedule, a cap, a stop button).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DRAFT, RUNNING, STOPPED, DONE = "draft", "running", "stopped", "done"
NEXT: dict[str, frozenset[str]] = {
    DRAFT: frozenset({RUNNING}),
    RUNNING: frozenset({STOPPED, DONE}),
    STOPPED: frozenset(),
    DONE: frozenset({STOPPED}),  # what is written and not sent yet can still be held back
}
SHARE_BEGINS = time(9)
VARIABLES = ("first_name", "shop_name")


def left_today(*, per_day: int, told_on: date | None, told_today: int, today: date) -> int:
    """Return how many more may be written to today."""
    return max(0, per_day - told_today) if told_on == today else per_day


def next_share_at(*, at: datetime, zone: ZoneInfo) -> datetime:
    """Return nine in the morning of the day after, by the clock of `zone`."""
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, SHARE_BEGINS, tzinfo=zone)


def spoken(wanted: str, *, written: Collection[str], default: str) -> str:
    """Return in which of the written languages somebody reads it: hers, else the shop's, else whatever there is."""
    return next((locale for locale in (wanted, default, *sorted(written)) if locale in written), "")
