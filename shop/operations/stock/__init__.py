"""Stock: the only writer of levels, movements and reservations.

Every change is one guarded UPDATE plus an append-only movement under an idempotency key.  Levels are always locked in
the order of their ids, so that two orders for the same things in opposite order cannot lock each other out.
Source: commerce reference d.2 and 2.A; reliability reference D6.
"""

from shop.operations.stock.allocation import allocate, hand_over, lose, release, take_back
from shop.operations.stock.movements import Shortage, SoldOut, StockRefused, Undercuts, Wanted, known, turns
from shop.operations.stock.reservation import LIFETIME, free, keep_arriving, reserve, sweep_reservations
from shop.operations.stock.shelf import (
    LevelExists,
    LimitRefused,
    MadeToOrder,
    NoMakingTime,
    NothingComing,
    adjust,
    count,
    keep_limit,
    keep_limits,
    make_to_order,
    move,
    open_level,
    promised_without_goods,
    put_back,
    quarantine,
    receive,
    sell_ahead,
    sell_what_is_there,
    write_off,
)

__all__ = [
    "LIFETIME",
    "LevelExists",
    "LimitRefused",
    "MadeToOrder",
    "NoMakingTime",
    "NothingComing",
    "Shortage",
    "SoldOut",
    "StockRefused",
    "Undercuts",
    "Wanted",
    "adjust",
    "allocate",
    "count",
    "free",
    "hand_over",
    "keep_arriving",
    "keep_limit",
    "keep_limits",
    "known",
    "lose",
    "make_to_order",
    "move",
    "open_level",
    "promised_without_goods",
    "put_back",
    "quarantine",
    "receive",
    "release",
    "reserve",
    "sell_ahead",
    "sell_what_is_there",
    "sweep_reservations",
    "take_back",
    "turns",
    "write_off",
]
