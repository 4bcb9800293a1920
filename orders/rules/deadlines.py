"""How far away a deadline is, in the steps a person on the packing table thinks in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum


class Nearness(StrEnum):
    """Missed, within hours, today, tomorrow, later."""

    MISSED = "missed"
    HOURS = "hours"
    TODAY = "today"
    TOMORROW = "tomorrow"
    LATER = "later"


@dataclass(frozen=True)
class Distance:
    """`amount` counts `days` (unit "day") or hours ("hour"); for later deadlines it is 0."""

    nearness: Nearness
    amount: int = 0
    unit: str = ""


def distance(*, due_at: datetime, at: datetime, zone: tzinfo) -> Distance:
    """Return how far `due_at` is from `at` (both aware) on the clock of `zone`.

    Missed hours are rounded up, hours left are rounded down: nobody is told of more time than there is.
    """
    if due_at <= at:
        late = at - due_at
        if late >= timedelta(days=1):
            return Distance(Nearness.MISSED, late.days, "day")
        return Distance(Nearness.MISSED, max(1, -(-int(late.total_seconds()) // 3600)), "hour")
    left = due_at - at
    if left <= timedelta(hours=4):
        return Distance(Nearness.HOURS, int(left.total_seconds() // 3600), "hour")
    days = (due_at.astimezone(zone).date() - at.astimezone(zone).date()).days
    near = {0: Nearness.TODAY, 1: Nearness.TOMORROW}
    return Distance(near.get(days, Nearness.LATER))
