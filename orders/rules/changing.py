"""Changing what was ordered before packing starts: what it costs then, and what is to pay or to get back.

The price she agreed to stands: another size costs more or less by what the two cost apart today.  Minor units.
Source: commerce reference b-17, d.3 (OrderChange: preview and application by the same sums).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from orders.rules.cancelling import may_be_cancelled


class Why(StrEnum):
    """Why an order, or a line of it, cannot be changed here."""

    NOTHING = "nothing"
    EMPTY = "empty"
    BEGUN = "begun"
    SENT = "sent"
    MISSING = "missing"
    PARCELS = "parcels"
    GONE_BACK = "gone_back"
    PROMOTION = "promotion"
    OFFER_GONE = "offer_gone"
    TOO_LITTLE = "too_little"
    OTHER_LINE = "other_line"
    MADE = "made"
    CREDIT = "credit"
    BEING_PAID = "being_paid"
    NO_DATE = "no_date"
    SAME = "same"
    LEFT = "left"
    NO_HOURS = "no_hours"
    HOURS_PRICE = "hours_price"
    NO_DAY = "no_day"


class NotChangeable(Exception):
    """This cannot be changed, or not in this way; `why` says the reason.  Nothing was written."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Wish:
    """What she wants of one line: which form of it and how many; 0 takes it out."""

    variant_id: int
    quantity: int


@dataclass(frozen=True)
class Settling:
    """What a change moves: `pay_minor` is still to be paid, `back_minor` goes back; never both."""

    pay_minor: int
    back_minor: int


def may_be_changed(order_status: str, parcel_statuses: Sequence[str], *, provider: str) -> bool:
    """Tell whether pieces of an order can still be changed: as long as a parcel of it is not packed; what is, stays.

    One that is paid at the door only until the first is packed: what is asked for there is written on the parcel.
    """
    if provider == "cash_on_delivery":
        return may_be_cancelled(order_status, parcel_statuses)
    return may_be_cancelled(order_status, parcel_statuses) or (
        order_status == "placed" and "planned" in parcel_statuses
    )


def unit_after(*, agreed_minor: int, old_today_minor: int, new_today_minor: int, had_minor: int | None = None) -> int:
    """Return what a piece costs in its new form: the agreed price, and what the forms cost apart today.

    Never more than both what was agreed and what the new form costs today: a form of hers that is reduced since makes
    another one no dearer than it is on the shelf.  A form she has had in this order costs again what it cost her then
    (`had_minor`), so there and back again is as if nothing had been.
    """
    if had_minor is not None:
        return had_minor
    apart = agreed_minor + new_today_minor - old_today_minor
    return max(min(apart, max(agreed_minor, new_today_minor)), 0)


def less_to_fit(*, pay_minor: int, least_minor: int, quantity: int) -> int:
    """Return how much less a piece has to cost, so that what is to pay comes to nothing; 0 where it can be paid.

    A card takes no sum below `least_minor`, and nobody is refused a change for cents: they are given to her.
    """
    return -(-pay_minor // quantity) if 0 < pay_minor < least_minor else 0


def was_after(
    *, unit_minor: int, today_minor: int, was_today_minor: int | None, was_then_minor: int | None
) -> int | None:
    """Return the former price to name beside another form of a piece that costs `unit_minor`, None when there is none.

    At the form's price of today its former price of today holds; at another one, what was said of it when she ordered.
    A former price that is not higher is none.  Source: Directive 98/6/EC art. 6a; `shop.rules.reduction`.
    """
    former = was_today_minor if unit_minor == today_minor else was_then_minor
    return former if former is not None and former > unit_minor else None


def fee_after(*, agreed_minor: int, before_minor: int, after_minor: int) -> int:
    """Return the delivery fee: the agreed one, unless the change crosses the limit from which delivery is free.

    `before_minor` and `after_minor` are what today's price list says of the goods before and after.
    """
    return agreed_minor if before_minor == after_minor else after_minor


def settling(*, new_total_minor: int, old_total_minor: int, kept_minor: int) -> Settling:
    """Return what has to be paid or goes back when an order of which `kept_minor` is here costs something else.

    What was still to come before is no part of it: of an order nobody has paid the change itself is to be paid.
    """
    here = min(kept_minor, old_total_minor)
    return Settling(max(new_total_minor - old_total_minor, 0), max(here - new_total_minor, 0))


def deltas(pairs: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> Mapping[int, int]:
    """Return by variant how many pieces more, or fewer, are needed; a pair is (variant, pieces) before and after."""
    found: dict[int, int] = {}
    for before, after in pairs:
        for sign, (variant, pieces) in ((-1, before), (1, after)):
            found[variant] = found.get(variant, 0) + sign * pieces
    return {variant: pieces for variant, pieces in sorted(found.items()) if pieces}
