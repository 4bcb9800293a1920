"""What a return gives back, exact to the minor unit.

Preview and settlement call the same function, so that the sum shown beforehand is the sum that goes out.
Source: Directive 2011/83/EU art. 13 (outbound delivery included when everything comes back); commerce reference b-13.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


class MoreThanBought(ValueError):
    """More pieces of a line would be refunded than were bought."""


class NotPaidYet(Exception):
    """The order's money has not come in; what is not there cannot be given back."""

    def __init__(self, missing_minor: int) -> None:
        super().__init__(f"{missing_minor} minor units have not come in")
        self.missing_minor = missing_minor


@dataclass(frozen=True)
class Sold:
    """A bought line: what is left to give back of each piece whose money was not given back yet (minor units)."""

    line_id: int
    units_minor: tuple[int, ...]


@dataclass(frozen=True)
class Back:
    """Pieces whose money goes back.  `line_id` is the bought line, also for a piece that was sent in exchange."""

    line_id: int
    quantity: int


@dataclass(frozen=True)
class Refund:
    """What goes back: one amount per `Back` in the same order; delivery fee and wrap when everything came back."""

    lines_minor: tuple[int, ...]
    delivery_minor: int
    wrap_minor: int = 0

    @property
    def total_minor(self) -> int:
        """Return the whole sum in minor units."""
        return sum(self.lines_minor) + self.delivery_minor + self.wrap_minor


def priced_back(back: Sequence[Back], *, paid: Mapping[int, int], sold: Sequence[Sold]) -> list[Back]:
    """Return `back` with as many pieces each as money goes back for, and what goes along with them.

    `paid` says for how many pieces of each bought line it is due, by line id: what makes up for a piece that was sent
    in exchange gives nothing back.  Of a line that is in `back` all that is due is paid, also for pieces that came
    before and could not be; of another line, pieces of which nothing is left, so that they count as gone.
    """
    due = dict(paid)
    last = {item.line_id: place for place, item in enumerate(back)}
    priced = []
    for place, item in enumerate(back):
        there = due.get(item.line_id, 0)
        pieces = there if last[item.line_id] == place else min(item.quantity, there)
        due[item.line_id] = there - pieces
        priced.append(Back(item.line_id, pieces))
    return priced + [Back(line.line_id, _worth_nothing(line, due)) for line in sold if line.line_id not in last]


def _worth_nothing(line: Sold, due: Mapping[int, int]) -> int:
    units = line.units_minor[: due.get(line.line_id, 0)]
    return next((place for place, minor in enumerate(units) if minor), len(units))


def refund_of(
    *, back: Sequence[Back], sold: Sequence[Sold], delivery_minor: int, wraps: Collection[int] = ()
) -> Refund:
    """Return what `back` is worth; the delivery fee comes along with the last piece of the order.

    So does what was paid for the lines `wraps`: the paper is torn and nobody sends it, and who keeps nothing gets back
    all she paid.  Because both go with the last piece, any sequence of partial returns sums to what was charged at
    most, and to exactly that when everything comes back.  Raises MoreThanBought, and KeyError for a line that was not
    bought.  Source: Directive 2011/83/EU art. 13(1): all payments received, those for delivery included.
    """
    left = {line.line_id: list(line.units_minor) for line in sold}
    before = _goods(left, wraps)
    amounts = []
    for item in back:
        units = left[item.line_id]
        if item.quantity > len(units):
            raise MoreThanBought(f"line {item.line_id}")
        amounts.append(sum(units[: item.quantity]))
        del units[: item.quantity]
    if not before or _goods(left, wraps):
        return Refund(tuple(amounts), 0)
    return Refund(tuple(amounts), delivery_minor, sum(sum(left[line_id]) for line_id in wraps))


def _goods(left: Mapping[int, Sequence[int]], wraps: Collection[int]) -> int:
    return sum(len(units) for line_id, units in left.items() if line_id not in wraps)


def payable(*, total_minor: int, due_minor: int, captured_minor: int, granted_minor: int) -> int:
    """Return how much of `total_minor` is granted: what came in and was not given back for another reason before.

    Raises NotPaidYet when money of the order is still to come and what is there does not suffice.
    """
    there = captured_minor - granted_minor
    if there < total_minor and captured_minor < due_minor:
        raise NotPaidYet(due_minor - captured_minor)
    return min(total_minor, there)
