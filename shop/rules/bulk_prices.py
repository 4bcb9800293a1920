"""Many prices changed by one percentage, rounded to what a price tag looks like."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

EXACT, HALVES, WHOLE = 1, 50, 100  # hundredths a price is rounded to


def changed_price(price_minor: int, *, percent: Decimal, step: int) -> int:
    """Return a price raised (or, below zero, lowered) by a percentage, rounded half up to `step` minor units.

    Never below one step.
    """
    raised = Decimal(price_minor) * (100 + percent) / 100
    steps = (raised / step).to_integral_value(ROUND_HALF_UP)
    return max(int(steps), 1) * step
