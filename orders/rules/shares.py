"""What was paid, down to the single piece: its share of price and tax, frozen at placement, and what of it went back.

A slot is what can go back on its own: one piece of a line, or delivery at one tax rate.  Price and tax of a line are
split to its pieces once, at placement, by largest remainder; nothing is computed from rates again.  Whatever goes back
is taken from slots, so any sequence of refunds sums exactly to what was paid, and its tax to the tax that was in it.
Source: commerce reference d.3, b-13, b-14.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from shop.rules.money import split, tax_included


class MoreThanPaid(ValueError):
    """More would go back than was paid and has not gone back yet; `left_minor` is what is left (minor units)."""

    def __init__(self, left_minor: int) -> None:
        super().__init__(f"{left_minor} minor units are left")
        self.left_minor = left_minor


class NoSuchPiece(ValueError):
    """More pieces of a line would go back than are left of it."""


@dataclass(frozen=True)
class Slot:
    """A piece of a line (`line_id`, number from 1), or delivery (`line_id` None) at one tax rate.  Minor units.

    `closed` says that the piece as a whole went back already.
    """

    line_id: int | None
    number: int
    paid_minor: int
    tax_minor: int
    rate_bp: int
    back_minor: int = 0
    back_tax_minor: int = 0
    closed: bool = False

    @property
    def left_minor(self) -> int:
        """Return what of it can still go back."""
        return self.paid_minor - self.back_minor

    def tax_of(self, amount_minor: int) -> int:
        """Return the tax in the next `amount_minor` that goes back; all parts together hold exactly its tax."""
        if not self.paid_minor:
            return 0
        after = self.back_minor + amount_minor
        return (2 * self.tax_minor * after + self.paid_minor) // (2 * self.paid_minor) - self.back_tax_minor


@dataclass(frozen=True)
class Part:
    """What is taken from one slot; `whole` when a piece goes back, not only some of its money."""

    slot: Slot
    amount_minor: int
    whole: bool = False

    @property
    def tax_minor(self) -> int:
        """Return the tax inside it."""
        return self.slot.tax_of(self.amount_minor)

    def taken(self) -> Slot:
        """Return the slot as it is afterwards."""
        return replace(
            self.slot,
            back_minor=self.slot.back_minor + self.amount_minor,
            back_tax_minor=self.slot.back_tax_minor + self.tax_minor,
            closed=self.slot.closed or self.whole,
        )


@dataclass(frozen=True)
class Everything:
    """All that is left."""


@dataclass(frozen=True)
class Pieces:
    """Whole pieces, by line (line id -> how many), and what is left of the delivery fee when asked for."""

    pieces: Mapping[int, int]
    delivery: bool = False


@dataclass(frozen=True)
class Amount:
    """A sum: taken from one line, or from the delivery fee first and then from everything that is left."""

    minor: int
    line_id: int | None = None


@dataclass(frozen=True)
class Beyond:
    """Money that was paid beyond the order's price: for no piece at all."""


What = Everything | Pieces | Amount | Beyond


def unit_shares(*, paid_minor: int, tax_minor: int, quantity: int) -> tuple[list[int], list[int]]:
    """Split what a line is paid, and the tax in it, to its pieces; both lists sum to what was split."""
    paid = split(paid_minor, [1] * quantity)
    return paid, split(tax_minor, paid)


def delivery_shares(*, delivery_minor: int, goods: Iterable[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Return (rate, fee, tax) of the delivery fee for each rate of the goods, given as (rate_bp, paid_minor).

    Delivery is part of the supply it brings and shares its rate; with several rates it is divided by the goods' worth.
    Source: CJEU C-349/96 (ancillary supply); Directive 2006/112/EC art. 78(b).
    """
    worth: dict[int, int] = {}
    for rate_bp, paid_minor in goods:
        worth[rate_bp] = worth.get(rate_bp, 0) + paid_minor
    rates = sorted(worth, reverse=True)
    fees = split(delivery_minor, [worth[rate] for rate in rates]) if rates else []
    return [(rate, fee, tax_included(fee, rate)) for rate, fee in zip(rates, fees, strict=True) if fee]


def take(slots: Sequence[Slot], what: What) -> list[Part]:
    """Return the parts that go back, in the order of `slots`; they sum to what was asked for.

    Raises MoreThanPaid for a sum that is not left, NoSuchPiece for pieces that are not.
    """
    match what:
        case Everything():
            return [Part(slot, slot.left_minor, whole=_is_piece(slot)) for slot in slots if _something_left(slot)]
        case Beyond():
            return []
        case Pieces():
            return _take_pieces(slots, what)
        case Amount():
            return _take_amount([slot for slot in slots if what.line_id in (None, slot.line_id)], what.minor)


def parts_of(slots: Sequence[Slot], what: What, amount_minor: int) -> tuple[list[Part], int]:
    """Return the parts of a refund of exactly `amount_minor` for `what`, and what of it is in no slot.

    A smaller sum than `what` is worth is divided among it; a larger one gives back money beyond the order's price.
    Raises NoSuchPiece, MoreThanPaid.
    """
    whole = take(slots, what)
    worth = sum(part.amount_minor for part in whole)
    if worth <= amount_minor:
        return whole, amount_minor - worth
    keep = isinstance(what, Pieces)  # the pieces came back, even when not all of their money goes
    shares = split(amount_minor, [part.amount_minor for part in whole])
    parts = [Part(p.slot, share, p.whole and keep) for p, share in zip(whole, shares, strict=True)]
    return [part for part in parts if part.amount_minor or part.whole], 0


def _is_piece(slot: Slot) -> bool:
    return slot.line_id is not None and not slot.closed


def _something_left(slot: Slot) -> bool:
    """A piece that is not back yet, or money: also of a piece that came back for less than was paid for it."""
    return slot.left_minor > 0 or _is_piece(slot)


def _take_pieces(slots: Sequence[Slot], what: Pieces) -> list[Part]:
    missing = dict(what.pieces)
    parts = []
    for slot in paid_first(slots):
        if slot.line_id is None:
            if what.delivery and slot.left_minor:
                parts.append(Part(slot, slot.left_minor))
        elif missing.get(slot.line_id, 0) > 0 and not slot.closed:
            missing[slot.line_id] -= 1
            parts.append(Part(slot, slot.left_minor, whole=True))
    if any(missing.values()):
        raise NoSuchPiece(str({line: pieces for line, pieces in missing.items() if pieces}))
    return parts


def paid_first(slots: Iterable[Slot]) -> list[Slot]:
    """Return slots in their order, but pieces of which nothing is left behind those that are worth something.

    A piece whose price was taken off was never sent, so it is none of those that come back.
    """
    return sorted(slots, key=lambda slot: slot.line_id is not None and not slot.left_minor)


def _take_amount(slots: Sequence[Slot], minor: int) -> list[Part]:
    left = sum(slot.left_minor for slot in slots)
    if not 0 < minor <= left:
        raise MoreThanPaid(left)
    fees = [slot for slot in slots if slot.line_id is None]
    from_fees = min(minor, sum(slot.left_minor for slot in fees))
    goods = [slot for slot in slots if slot.line_id is not None]
    return [*_spread(goods, minor - from_fees), *_spread(fees, from_fees)]


def _spread(slots: Sequence[Slot], minor: int) -> list[Part]:
    if not minor:
        return []
    shares = split(minor, [slot.left_minor for slot in slots])
    return [Part(slot, share) for slot, share in zip(slots, shares, strict=True) if share]
