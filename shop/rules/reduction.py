"""When a lower price may be called a reduction, and from what.

The former price is the lowest of the 30 days before the reduction begins; of a reduction that grows without a pause it
is the one before the first step.  Amounts are minor units, tax included.
Source: Directive 98/6/EC art. 6a (1), (2) and (5), as amended by Directive (EU) 2019/2161; commerce reference d.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

LOOK_BACK = timedelta(days=30)


class Stretch(NamedTuple):
    """A price from `starts_at` on and before `ends_at`; None: until now."""

    price_minor: int
    starts_at: datetime
    ends_at: datetime | None


class Why(StrEnum):
    """Why a price may not be called reduced."""

    TOO_NEW = "too-new"  # nobody knows what it cost for the whole 30 days
    NOT_LOWER = "not-lower"  # it cost as little, or less, within them
    ANNOUNCED = "announced"  # another reduction of it is announced


@dataclass(frozen=True)
class Verdict:
    """The reduced price and what it is measured against; `why` says what forbids it, None when nothing does."""

    price_minor: int
    reference_minor: int | None
    why: Why | None = None


def reference_minor(history: Sequence[Stretch], *, begins_at: datetime) -> int | None:
    """Return the lowest price of the 30 days before `begins_at`, None when they are not known from end to end."""
    since = begins_at - LOOK_BACK
    if not any(one.starts_at <= since for one in history):
        return None
    return min(
        one.price_minor for one in history if one.starts_at < begins_at and (one.ends_at is None or one.ends_at > since)
    )


def reduced_minor(price_minor: int, *, percent_bp: int = 0, off_minor: int = 0) -> int:
    """Return a price less so much, rounded half up to the minor unit, at least one unit: 3,800 less 20 % is 3,040."""
    if percent_bp:
        return max((price_minor * (10_000 - percent_bp) * 2 + 10_000) // 20_000, 1)
    return max(price_minor - off_minor, 1)


def judge(
    *,
    price_minor: int,
    history: Sequence[Stretch],
    begins_at: datetime,
    percent_bp: int = 0,
    off_minor: int = 0,
    running: tuple[int, int] | None = None,
) -> Verdict:
    """Return what a piece would cost and against what, or why not.

    `running` holds (price before, reference) of the reduction it is in already: a further step is taken off the price
    before, has to go below today's, and keeps the reference.
    """
    before, kept = running or (price_minor, None)
    reduced = reduced_minor(before, percent_bp=percent_bp, off_minor=off_minor)
    reference = kept if kept is not None else reference_minor(history, begins_at=begins_at)
    if reference is None:
        return Verdict(reduced, None, Why.TOO_NEW)
    if reduced >= reference or (running is not None and reduced >= price_minor):
        return Verdict(reduced, reference, Why.NOT_LOWER)
    return Verdict(reduced, reference)


def percent_off(*, reference_minor: int, price_minor: int) -> int:
    """Return by how many whole percent a price lies below its reference, rounded down: never more than it is."""
    return (reference_minor - price_minor) * 100 // reference_minor
