"""Quiet hours on the reader's own clock: what can wait does not ring at night.

Arithmetic is in UTC and every local moment is asked of the zone, so that a night with a change of clocks is as long as
it is.  Source: delivery reference 1.9 (9), commerce reference 4.20.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True)
class Quiet:
    """Quiet from one minute of the day to another, over midnight when the second is earlier; equal means never."""

    from_minute: int
    until_minute: int


NIGHT = Quiet(21 * 60, 8 * 60)  # of texts, for whoever chose nothing


def may_go_at(moment: datetime, zone: ZoneInfo, quiet: Quiet | None) -> datetime:
    """Return the first moment from `moment` on (UTC) that is not quiet on the clock of `zone`."""
    if quiet is None or quiet.from_minute == quiet.until_minute or not _is_quiet(moment, zone, quiet):
        return moment
    local = moment.astimezone(zone)
    end = _on_clock(local, quiet.until_minute, zone)
    return end if end > moment else _on_clock(local + timedelta(days=1), quiet.until_minute, zone)


def _is_quiet(moment: datetime, zone: ZoneInfo, quiet: Quiet) -> bool:
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if quiet.from_minute < quiet.until_minute:
        return quiet.from_minute <= minute < quiet.until_minute
    return minute >= quiet.from_minute or minute < quiet.until_minute


def _on_clock(day: datetime, minute: int, zone: ZoneInfo) -> datetime:
    """Return a time of day in UTC; one the clock jumps over is the moment it jumps, one it repeats the second."""
    wall = datetime.combine(day.date(), time(minute // 60, minute % 60), zone)
    earlier, later = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    return max(earlier, later)
