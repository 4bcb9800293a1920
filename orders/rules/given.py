"""What the promotions of an order give when the order is changed.  Minor units.

1. What counted when she ordered counts, on the terms of that day; nothing is added and nothing exchanged.
2. Per cents are taken off the goods as they are then; an amount stays, and never more comes off than the goods cost.
3. A promotion whose minimum the goods no longer reach falls away, and so does one that would give nothing; whoever used
   a voucher for it has that voucher back.
4. Where a budget has too little left to give more, it gives what it gave.
Goods of the same price keep what was taken off them to the cent.  Source: commerce reference 2.12, b-17, d.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orders.rules.promotions import Kind


@dataclass(frozen=True)
class Used:
    """A promotion an order used, on the terms it used it; `budget_left_minor` None means without a budget."""

    redemption_id: int
    name: str
    kind: Kind
    saved_minor: int
    percent_bp: int = 0
    amount_minor: int = 0
    minimum_minor: int = 0
    gift_variant_id: int | None = None
    budget_left_minor: int | None = None
    by_voucher: bool = False


@dataclass(frozen=True)
class Given:
    """What one gives after the change; `falls` when it does not count any more."""

    used: Used
    saved_minor: int
    falls: bool = False

    @property
    def differs(self) -> bool:
        """Tell whether it gives something else than before."""
        return self.falls or self.saved_minor != self.used.saved_minor


def given_after(
    used: Iterable[Used], *, goods_before_minor: int, goods_minor: int, delivery_minor: int
) -> tuple[Given, ...]:
    """Return what each gives for goods of this full price and a delivery of this price, in the order of its use.

    `goods_before_minor` is the full price before the change.
    """
    left, given = goods_minor, {}
    turns = {Kind.PERCENT: 0, Kind.AMOUNT: 1, Kind.FREE_DELIVERY: 2, Kind.GIFT: 3}
    known = sorted(used, key=lambda one: one.redemption_id)
    for one in sorted(known, key=lambda one: (turns[one.kind], one.redemption_id)):
        if goods_minor < one.minimum_minor:
            given[one.redemption_id] = Given(one, 0, falls=True)
            continue
        if one.kind == Kind.GIFT:
            given[one.redemption_id] = Given(one, one.saved_minor)
            continue
        if one.kind == Kind.FREE_DELIVERY:
            saved, delivery_minor = _within(one, delivery_minor), 0
        else:
            saved = min(_off_goods(one, goods_minor, same=goods_minor == goods_before_minor), left)
            left -= saved
        given[one.redemption_id] = Given(one, saved, falls=not saved)
    return tuple(given[one.redemption_id] for one in known)


def off_goods(given: Iterable[Given]) -> int:
    """Return what all of them take off the goods."""
    return sum(one.saved_minor for one in given if one.used.kind in {Kind.PERCENT, Kind.AMOUNT})


def off_delivery(given: Iterable[Given]) -> int:
    """Return what all of them take off the delivery."""
    return sum(one.saved_minor for one in given if one.used.kind == Kind.FREE_DELIVERY)


def fallen_gifts(given: Iterable[Given]) -> list[int]:
    """Return the variants of gifts that do not come along any more."""
    return [one.used.gift_variant_id for one in given if one.falls and one.used.gift_variant_id]


def _off_goods(one: Used, goods_minor: int, *, same: bool) -> int:
    if same:
        return one.saved_minor
    if one.kind == Kind.AMOUNT:
        return _within(one, one.amount_minor)
    return _within(one, (2 * goods_minor * one.percent_bp + 10_000) // 20_000)  # rounded half up, once


def _within(one: Used, wanted_minor: int) -> int:
    """Return what it would give, or what it gave where its budget has too little left for more."""
    more = wanted_minor - one.saved_minor
    budget = one.budget_left_minor
    return wanted_minor if budget is None or more <= budget else one.saved_minor
