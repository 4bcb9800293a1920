"""How a promise ended: against the first one, which alone counts for on time, and against the last one that was told.

Source: commerce reference d.5 (PromiseOutcome); delivery reference finding 10, 1.1 (the original promise, without
extensions); reliability reference I14 (a broken promise has a notice before the day is over, or counts as a miss).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

WORKSHOP, ROAD = "workshop", "road"


@dataclass(frozen=True)
class Said:
    """One version of a promise: the last day, when it breaks, when it leaves us, and when the shopper was told."""

    deliver_by_on: date
    breaks_at: datetime
    hand_over_by_at: datetime
    told_at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What is kept for ever.  Days are calendar days, 0 when it was kept."""

    promised_by_on: date
    told_by_on: date
    kept_first: bool
    kept_told: bool
    late_days: int
    late_days_told: int
    told_in_time: bool
    stage: str


def judge(*, said: Sequence[Said], delivered_at: datetime, delivered_on: date, handed_over_at: datetime) -> Outcome:
    """Judge a delivery against what was said, the first version first; `delivered_on` is the destination's day.

    The first promise counts as told: it stood on the page when it was ordered.  A late delivery was told in time when
    a later day had reached her before the first one was over.
    """
    first = said[0]
    told = [each for each in said if each is first or (each.told_at and each.told_at <= delivered_at)]
    last = told[-1]
    kept_first = delivered_at < first.breaks_at
    later = [each for each in told[1:] if each.deliver_by_on > first.deliver_by_on and each.told_at]
    in_time = any(each.told_at < first.breaks_at for each in later if each.told_at)
    return Outcome(
        promised_by_on=first.deliver_by_on,
        told_by_on=last.deliver_by_on,
        kept_first=kept_first,
        kept_told=delivered_at < last.breaks_at,
        late_days=_late(delivered_on, first, delivered_at),
        late_days_told=_late(delivered_on, last, delivered_at),
        told_in_time=kept_first or in_time,
        stage="" if kept_first else _lost(first, handed_over_at),
    )


def _late(delivered_on: date, said: Said, delivered_at: datetime) -> int:
    if delivered_at < said.breaks_at:
        return 0
    return max((delivered_on - said.deliver_by_on).days, 1)


def _lost(first: Said, handed_over_at: datetime) -> str:
    """Say where the time was lost: what left us after its hand-over deadline was late already."""
    return WORKSHOP if handed_over_at > first.hand_over_by_at else ROAD


def fee_goes_back(*, guaranteed: bool, fee_minor: int, breaks_at: datetime, at: datetime, hers: bool) -> bool:
    """Tell whether the delivery fee of a guaranteed date goes back: the first promise is broken, and not by her.

    `hers`: the order waited for her own payment.  Source: issue text (guaranteed-date option).
    """
    return guaranteed and fee_minor > 0 and at >= breaks_at and not hers
