"""The window: from which day to which day a piece may be sent back, and why not.

Source: Directive 2011/83/EU art. 9 (the period begins with the receipt of the last parcel; the day of receipt itself
does not count, Regulation 1182/71 art. 3); commerce reference d.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Why(StrEnum):
    """Why a line cannot be sent back today."""

    NOT_DELIVERED = "not_delivered"
    WINDOW_OVER = "window_over"
    NOTHING_LEFT = "nothing_left"


@dataclass(frozen=True)
class Window:
    """From when to when, as days on the shop's own clock; both ends included.

    `opened_on` is None before anything arrived.  `last_on` is None while a parcel is still on its way, because the
    days are counted from the last one.
    """

    opened_on: date | None
    last_on: date | None

    def is_over(self, today: date) -> bool:
        """Tell whether the last day has passed."""
        return self.last_on is not None and today > self.last_on


def window_of(*, delivered_on: Sequence[date | None], window_days: int) -> Window:
    """Return the window of things that came, or will come, in these parcels; None is a parcel still on its way."""
    arrived = [day for day in delivered_on if day is not None]
    if not arrived:
        return Window(None, None)
    if len(arrived) < len(delivered_on):
        return Window(min(arrived), None)
    return Window(min(arrived), max(arrived) + timedelta(days=window_days))


def pieces_left(*, delivered: int, returned: int, asked: int) -> int:
    """Return how many pieces may still be asked for: delivered, not back, not in another open return."""
    return max(delivered - returned - asked, 0)


def refusal(*, window: Window, delivered: int, left: int, today: date) -> Why | None:
    """Return why nothing of a line can be sent back today; None when something can."""
    if delivered == 0 or window.opened_on is None:
        return Why.NOT_DELIVERED
    if left == 0:
        return Why.NOTHING_LEFT
    if window.is_over(today):
        return Why.WINDOW_OVER
    return None
