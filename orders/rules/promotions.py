"""Which promotions count for a bag, what each gives, and why one does not.

How they go together, in the words of the page:
1. Per cent and amounts are taken off the price of the goods; per cents count from the full price and add up, then
   amounts come off, and never more than the goods cost.
2. Promotions that go together are all used.  One that does not is used alone, and only when it gives the shopper more
   than all the others together.
3. A minimum is compared with the full price of the goods; so is the limit for free delivery of the service.
4. Nobody uses up a voucher that gives nothing: where delivery is free already, a voucher for it stays hers.
The order in which vouchers were typed in never matters.  Source: commerce reference 2.12, b-13.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from shop.rules.money import split


class Kind(StrEnum):
    """What a promotion gives.  The same values as Promotion.Kind."""

    PERCENT = "percent"
    AMOUNT = "amount"
    FREE_DELIVERY = "free_delivery"
    GIFT = "gift"


class Why(StrEnum):
    """Why a promotion does not count."""

    NOT_YET = "not_yet"
    ENDED = "ended"
    USED_UP = "used_up"
    USED_BY_HER = "used_by_her"
    VOID = "void"
    MINIMUM = "minimum"
    GIFT_GONE = "gift_gone"
    NOTHING_TO_GAIN = "nothing_to_gain"
    BETTER_WITHOUT = "better_without"


@dataclass(frozen=True)
class Chance:
    """One promotion a bag might use, with what is known before the bag is looked at.

    `refused` says why it cannot be used whatever is in the bag; `budget_left_minor` None means without a budget.
    `worth_minor` is the price of its gift.
    """

    promotion_id: int
    name: str
    kind: Kind
    combines: bool
    percent_bp: int = 0
    amount_minor: int = 0
    gift_variant_id: int | None = None
    worth_minor: int = 0
    gift_there: bool = True
    minimum_minor: int = 0
    budget_left_minor: int | None = None
    voucher_id: int | None = None
    refused: Why | None = None


@dataclass(frozen=True)
class Applied:
    """A promotion that counts, and what the shopper saves by it (minor units; a gift at its price)."""

    chance: Chance
    saved_minor: int


@dataclass(frozen=True)
class Refused:
    """A promotion that does not count, and why; `missing_minor` is what is missing to its minimum."""

    chance: Chance
    why: Why
    missing_minor: int = 0


@dataclass(frozen=True)
class Outcome:
    """What the promotions make of a bag."""

    applied: tuple[Applied, ...] = ()
    refused: tuple[Refused, ...] = ()
    off_goods_minor: int = 0
    off_delivery_minor: int = 0

    @property
    def gifts(self) -> tuple[int, ...]:
        """Return the variants that come along for nothing."""
        return tuple(one.chance.gift_variant_id for one in self.applied if one.chance.gift_variant_id)

    @property
    def mark(self) -> str:
        """Return what was shown, so that a change is noticed also where the sum stays the same."""
        return ",".join(f"{one.chance.promotion_id}:{one.saved_minor}" for one in self.applied)


NOTHING = Outcome()


def promise_of(chances: Iterable[Chance], *, goods_minor: int, delivery_minor: int) -> Outcome:
    """Return what counts for goods of this full price and a delivery of this price.

    The same whatever the order of `chances`; one promotion counts once, however many vouchers open it.
    """
    known = _once(chances)
    refused = {c.promotion_id: r for c in known if (r := _refusal(c, goods_minor, delivery_minor))}
    able = [c for c in known if c.promotion_id not in refused]
    while True:
        best = _best(able, goods_minor, delivery_minor)
        over = next((one.chance for one in best if _over_budget(one)), None)
        if over is None:
            break
        refused[over.promotion_id] = Refused(over, Why.USED_UP)
        able = [c for c in able if c is not over]
    used = {one.chance.promotion_id for one in best}
    refused |= {c.promotion_id: Refused(c, Why.BETTER_WITHOUT) for c in able if c.promotion_id not in used}
    return Outcome(
        applied=tuple(best),
        refused=tuple(refused[number] for number in sorted(refused)),
        off_goods_minor=sum(one.saved_minor for one in best if one.chance.kind in {Kind.PERCENT, Kind.AMOUNT}),
        off_delivery_minor=sum(one.saved_minor for one in best if one.chance.kind == Kind.FREE_DELIVERY),
    )


def _once(chances: Iterable[Chance]) -> list[Chance]:
    """Keep one chance a promotion, one that is not refused if there is any; sorted, so that order never matters."""
    found: dict[int, Chance] = {}
    for chance in sorted(chances, key=lambda c: (c.promotion_id, c.refused is not None, c.voucher_id or 0)):
        found.setdefault(chance.promotion_id, chance)
    return list(found.values())


def _refusal(chance: Chance, goods_minor: int, delivery_minor: int) -> Refused | None:
    if chance.refused:
        return Refused(chance, chance.refused)
    if goods_minor < chance.minimum_minor:
        return Refused(chance, Why.MINIMUM, chance.minimum_minor - goods_minor)
    if chance.kind == Kind.GIFT and not chance.gift_there:
        return Refused(chance, Why.GIFT_GONE)
    if chance.kind == Kind.FREE_DELIVERY and delivery_minor == 0:
        return Refused(chance, Why.NOTHING_TO_GAIN)
    if chance.kind in {Kind.PERCENT, Kind.AMOUNT} and _wanted(chance, goods_minor) == 0:
        return Refused(chance, Why.NOTHING_TO_GAIN)
    return None


def _best(able: list[Chance], goods_minor: int, delivery_minor: int) -> list[Applied]:
    """Return the set that gives the shopper most: all that go together, or one alone."""
    together = [c for c in able if c.combines]
    sets = [together, *([c] for c in able if not c.combines)]
    worked = [_apply(chosen, goods_minor, delivery_minor) for chosen in sets]
    return max(worked, key=lambda one: sum(a.saved_minor for a in one))  # the first of equals: those together


def _apply(chances: list[Chance], goods_minor: int, delivery_minor: int) -> list[Applied]:
    """Work out what each gives, per cents first, never more off the goods than they cost; nothing for nothing."""
    left = goods_minor
    saved: dict[int, int] = {}
    first = {Kind.PERCENT: 0, Kind.AMOUNT: 1, Kind.FREE_DELIVERY: 2, Kind.GIFT: 3}
    for chance in sorted(chances, key=lambda c: (first[c.kind], c.promotion_id)):
        if chance.kind in {Kind.PERCENT, Kind.AMOUNT}:
            saved[chance.promotion_id] = min(_wanted(chance, goods_minor), left)
            left -= saved[chance.promotion_id]
        elif chance.kind == Kind.FREE_DELIVERY:
            saved[chance.promotion_id] = delivery_minor
            delivery_minor = 0
        else:
            saved[chance.promotion_id] = chance.worth_minor
    by_id = sorted(chances, key=lambda c: c.promotion_id)
    return [Applied(c, saved[c.promotion_id]) for c in by_id if saved[c.promotion_id] or c.kind == Kind.GIFT]


def _wanted(chance: Chance, goods_minor: int) -> int:
    """Return what it would take off goods of this full price; per cents are rounded half up, once."""
    if chance.kind == Kind.AMOUNT:
        return chance.amount_minor
    return (2 * goods_minor * chance.percent_bp + 10_000) // 20_000


def _over_budget(one: Applied) -> bool:
    left = one.chance.budget_left_minor
    return left is not None and one.saved_minor > left


def share(off_goods_minor: int, lines_minor: Sequence[int]) -> list[int]:
    """Split what is taken off over the lines by their price; no line gives more than it costs, the sum is exact."""
    if not off_goods_minor:
        return [0] * len(lines_minor)
    return split(off_goods_minor, lines_minor)


def without_gifts(chances: Iterable[Chance], gone: set[int]) -> list[Chance]:
    """Return the chances with the gifts in `gone` (variant ids) marked as not there."""
    return [replace(c, gift_there=c.gift_there and c.gift_variant_id not in gone) for c in chances]


def customer_key(email: str) -> str:
    """Return what is stored of an e-mail address to count uses: hashed, and the same however it is written."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()
