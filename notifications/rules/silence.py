"""The silence budget: an open order never goes longer than some working days without a word of ours.

The clock of the workshop counts: who works there writes.  Source: commerce reference A1 (silence_update); ux 2.7.
"""

from __future__ import annotations

from datetime import datetime, time

from shop.rules.calendar import WorkingCalendar

SAID_FROM = time(10)


def next_word_at(*, calendar: WorkingCalendar, last_word_at: datetime, days: int) -> datetime:
    """Return when the next word is due: ten in the morning of the `days`-th working day after the last one.

    Raises NoOpenDay.
    """
    day = calendar.add(calendar.local_day(last_word_at), days)
    return datetime.combine(day, SAID_FROM, tzinfo=calendar.zone)
