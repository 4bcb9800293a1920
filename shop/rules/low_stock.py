"""When a shelf runs low: by how long what is free would last at the pace of the last weeks.

Source: commerce reference 1 (low stock list); ux reference 2.3 (from three pieces down shoppers are told).
"""

from __future__ import annotations

from dataclasses import dataclass

from shop.rules.availability import FEW

LOOKS_BACK_DAYS = 28
LASTS_DAYS = 21  # a maker of small runs needs about three weeks to refill a shelf


@dataclass(frozen=True)
class Pace:
    """What is free of an article, and how many pieces were sold in the last LOOKS_BACK_DAYS days."""

    free: int
    sold: int

    @property
    def lasts_days(self) -> int | None:
        """Return how many whole days the free pieces last at this pace; None when nothing was sold."""
        return max(self.free, 0) * LOOKS_BACK_DAYS // self.sold if self.sold > 0 else None

    @property
    def is_low(self) -> bool:
        """Tell whether somebody should refill: hardly anything is left, or it is gone before it can be made anew.

        An article nobody buys is low only once it is sold out.
        """
        if self.sold <= 0:
            return self.free <= 0
        return self.free <= FEW or self.free * LOOKS_BACK_DAYS < self.sold * LASTS_DAYS
