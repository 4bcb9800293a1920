"""What a shopper is told about a variant's stock, and lengths in the two units people use."""

from __future__ import annotations

from enum import StrEnum

FEW = 3  # "2 left" is said from here down, and only when it is true


class Availability(StrEnum):
    """What stock can mean to a shopper."""

    IN_STOCK = "in-stock"
    FEW_LEFT = "few-left"
    MADE_TO_ORDER = "made-to-order"
    ON_ORDER = "on-order"
    PREORDER = "preorder"
    SOLD_OUT = "sold-out"


def availability(available: int, making_days: int, *, ahead: int = 0, preorder: bool = False) -> Availability:
    """Say what `available` sellable pieces mean, of which `ahead` are still on their way to us.

    A piece made to order is never "few left", nor is one of which none lies on the shelf; `preorder` says that it was
    never here before.  Source: ux reference 2.3 ("last sizes: '2 left' only if true"); commerce reference d.1.
    """
    if available <= 0:
        return Availability.SOLD_OUT
    if making_days > 0:
        return Availability.MADE_TO_ORDER
    there = available - ahead
    if there <= 0:
        return Availability.PREORDER if preorder else Availability.ON_ORDER
    return Availability.FEW_LEFT if there <= FEW else Availability.IN_STOCK
