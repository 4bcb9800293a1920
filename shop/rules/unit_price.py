"""The price of a whole unit beside the price of a piece, so that packs of different size can be compared.

Source: Directive 98/6/EC art. 2 (b), 3 and 4: the price of a kilogram, a litre, a metre or a piece, tax included,
beside the selling price wherever that stands.
"""

from __future__ import annotations

GRAM, MILLILITRE, MILLIMETRE, PIECE = "g", "ml", "mm", "piece"
_IN_A_WHOLE = {GRAM: 1000, MILLILITRE: 1000, MILLIMETRE: 1000, PIECE: 1}


def unit_price_minor(*, price_minor: int, amount: int, unit: str) -> int:
    """Return what a kilogram, litre, metre or piece costs in minor units, rounded half up: 450 for 250 g is 1,800.

    `amount` is what a piece contains of `unit`.  Raises KeyError for an unknown unit, ZeroDivisionError for nothing.
    """
    return (price_minor * _IN_A_WHOLE[unit] * 2 + amount) // (amount * 2)
