"""What an order costs: goods, delivery, and the tax inside both.  Minor units, prices include tax.

Source: commerce reference d.3, 2.14 (rate snapshot per line); Directive 2006/112/EC (tax of the destination).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orders.rules.shares import delivery_shares
from shop.rules.money import tax_included

MAX_QUANTITY = 20  # pieces of one variant in one bag


@dataclass(frozen=True)
class Priced:
    """One line: `quantity` pieces at `unit_minor` each less `discount_minor`; tax of `tax_rate_bp` is inside."""

    unit_minor: int
    quantity: int
    tax_rate_bp: int
    discount_minor: int = 0

    @property
    def gross_minor(self) -> int:
        """Return what the line costs before any discount."""
        return self.unit_minor * self.quantity

    @property
    def paid_minor(self) -> int:
        """Return what is paid for the line."""
        return self.gross_minor - self.discount_minor

    @property
    def tax_minor(self) -> int:
        """Return the tax inside what is paid."""
        return tax_included(self.paid_minor, self.tax_rate_bp)


@dataclass(frozen=True)
class Totals:
    """The sums of an order; the total is what is paid.

    `tax_by_rate` holds (rate in basis points, tax inside) for each rate, the highest first; `delivery_shares` holds
    (rate, fee, tax) of the delivery fee.
    """

    goods_minor: int
    delivery_minor: int
    tax_minor: int
    tax_by_rate: tuple[tuple[int, int], ...] = ()
    delivery_shares: tuple[tuple[int, int, int], ...] = ()

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


def totals(*, lines: Iterable[Priced], delivery_minor: int) -> Totals:
    """Add up an order.  Tax is rounded once per line and once per rate of delivery: the parts sum to the whole."""
    known = list(lines)
    fees = delivery_shares(delivery_minor=delivery_minor, goods=[(line.tax_rate_bp, line.paid_minor) for line in known])
    by_rate: dict[int, int] = {}
    for rate_bp, tax in [*((line.tax_rate_bp, line.tax_minor) for line in known), *((r, tax) for r, _fee, tax in fees)]:
        by_rate[rate_bp] = by_rate.get(rate_bp, 0) + tax
    return Totals(
        goods_minor=sum(line.paid_minor for line in known),
        delivery_minor=delivery_minor,
        tax_minor=sum(by_rate.values()),
        tax_by_rate=tuple(sorted(by_rate.items(), reverse=True)),
        delivery_shares=tuple(fees),
    )
