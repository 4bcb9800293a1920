"""What a shopper is told about a variant's stock, and lengths in the two units people use."""

from __future__ import annotations

from enum import StrEnum

FEW = 3  # "2 left" is said from here down, and only when it is true


class Availability(StrEnum):
    """The four things stock can mean to a shopper."""

    IN_STOCK = "in-stock"
    FEW_LEFT = "few-left"
    MADE_TO_ORDER = "made-to-order"
    SOLD_OUT = "sold-out"


def availability(available: int, making_days: int) -> Availability:
    """Say what `available` sellable pieces mean; a piece made to order is never "few left".

    Source: ux reference 2.3 ("last sizes: '2 left' only if true").
    """
    if available <= 0:
        return Availability.SOLD_OUT
    if making_days > 0:
        return Availability.MADE_TO_ORDER
    return Availability.FEW_LEFT if available <= FEW else Availability.IN_STOCK
