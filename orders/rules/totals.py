"""What an order costs: goods, delivery, and the tax inside both.  Minor units, prices include tax.

Source: commerce reference d.3, 2.14 (rate snapshot per line); Directive 2006/112/EC (tax of the destination).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shop.rules.money import tax_included

MAX_QUANTITY = 20  # pieces of one variant in one bag


@dataclass(frozen=True)
class Priced:
    """One line: `quantity` pieces at `unit_minor` each, taxed at `tax_rate_bp` (basis points, included)."""

    unit_minor: int
    quantity: int
    tax_rate_bp: int

    @property
    def gross_minor(self) -> int:
        """Return what the line costs."""
        return self.unit_minor * self.quantity

    @property
    def tax_minor(self) -> int:
        """Return the tax inside it."""
        return tax_included(self.gross_minor, self.tax_rate_bp)


@dataclass(frozen=True)
class Totals:
    """The sums of an order; the total is what is paid."""

    goods_minor: int
    delivery_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        """Return what is paid."""
        return self.goods_minor + self.delivery_minor


def delivery_minor(*, price_minor: int, free_from_minor: int | None, goods_minor: int) -> int:
    """Return what delivery costs for goods of this worth; the free limit itself is free."""
    if free_from_minor is not None and goods_minor >= free_from_minor:
        return 0
    return price_minor


def missing_to_free(*, price_minor: int, free_from_minor: int | None, goods_minor: int) -> int:
    """Return how much more makes delivery free; 0 when it is free already or never is."""
    if free_from_minor is None or price_minor == 0:
        return 0
    return max(free_from_minor - goods_minor, 0)


def totals(*, lines: Iterable[Priced], delivery_minor: int, delivery_rate_bp: int) -> Totals:
    """Add up an order.  Tax is rounded once per line and once for delivery, so that the parts sum to the whole."""
    known = list(lines)
    return Totals(
        goods_minor=sum(line.gross_minor for line in known),
        delivery_minor=delivery_minor,
        tax_minor=sum(line.tax_minor for line in known) + tax_included(delivery_minor, delivery_rate_bp),
    )
