"""Parcels that are stuck: labelled and still here, silent on the road, or left at a door when nobody was to be there.

These are for staff, and earlier than what the shopper is told: who chases a parcel today need not excuse it tomorrow.
Source: commerce reference c-5; delivery reference 1.6 (two thresholds, two audiences).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from orders.rules.hours import Window
from shop.rules.calendar import WorkingCalendar

# First and last hour of a part of the day, on the clock of the door.
PARTS: dict[str, tuple[int, int]] = {"morning": (0, 12), "afternoon": (12, 17), "evening": (17, 24)}


def too_long(*, since_at: datetime, calendar: WorkingCalendar, days: int, at: datetime) -> bool:
    """Say whether `days` whole working days have passed since a moment; today counts only once it is over."""
    yesterday = calendar.local_day(at) - timedelta(days=1)
    return calendar.days_between(calendar.local_day(since_at), yesterday) >= days


def outside_window(
    *,
    delivered_at: datetime,
    weekdays: frozenset[int],
    part_of_day: str,
    calendar: WorkingCalendar,
    window: Window | None = None,
) -> bool:
    """Say whether it was delivered on a day or at an hour at which she said nobody is at home, or outside its hours.

    No weekdays, `any` part of the day, no window: that limits nothing.
    """
    local = delivered_at.astimezone(calendar.zone)
    if weekdays and local.weekday() not in weekdays:
        return True
    if window is not None:
        return not window.holds(local)
    first, end = PARTS.get(part_of_day, (0, 24))
    return not first <= local.hour < end
