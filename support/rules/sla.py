"""By when we answer: open minutes of the support desk's calendar, never minutes of the clock on the wall.

Source: support reference 0 (finding 7), 9 (SLA arithmetic), 10 (I14).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shop.rules.calendar import WorkingCalendar

FIRST_REPLY, NEXT_REPLY, TASK = "fr", "nr", "task"

STANDARD, URGENT = "standard", "urgent"
POLICY_OF_KIND = {"question": STANDARD, "return": STANDARD, "delay": URGENT, "problem": URGENT}

_STEP = timedelta(minutes=10)


@dataclass(frozen=True)
class Due:
    """The next moment somebody has to act, and what for."""

    at: datetime
    kind: str


def next_due(
    *,
    waiting_since: datetime | None,
    answered_before: bool,
    task_due_at: datetime | None,
    calendar: WorkingCalendar,
    first_reply_minutes: int,
    next_reply_minutes: int,
) -> Due | None:
    """Return the earliest thing due; None when nobody waits and nothing is to be looked into.

    Raises NoOpenDay when the calendar never opens.
    """
    dues = [Due(task_due_at, TASK)] if task_due_at else []
    if waiting_since is not None:
        minutes = next_reply_minutes if answered_before else first_reply_minutes
        kind = NEXT_REPLY if answered_before else FIRST_REPLY
        dues.append(Due(calendar.add_minutes(waiting_since, minutes), kind))
    return min(dues, key=lambda due: due.at, default=None)


def told_time(due_at: datetime) -> datetime:
    """Return the time we tell the customer: up to the next full ten minutes, because nobody believes 10:37."""
    rest = timedelta(minutes=due_at.minute % 10, seconds=due_at.second, microseconds=due_at.microsecond)
    return due_at if not rest else due_at - rest + _STEP


def told_to_the_customer(*, at: datetime, minutes: int, calendar: WorkingCalendar) -> datetime:
    """Return the honest "we answer by", never beyond the closing time of its day.

    Raises NoOpenDay when the calendar never opens.
    """
    due_at = calendar.add_minutes(at, minutes)
    return max(due_at, min(told_time(due_at), calendar.day_closes_at(calendar.local_day(due_at))))
