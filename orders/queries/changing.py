"""What a change of an order would make of it: lines, sums, what is to pay or goes back, and the day it arrives.

Preview and application take this one path; the application calls it with the order locked.
Source: style 14; commerce reference d.3 (OrderChange), b-17, 2.19.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef

from orders.models import (
    Order,
    OrderChange,
    OrderLine,
    Parcel,
    ParcelLine,
    Payment,
    Promise,
    RefundItem,
    Unavailability,
)
from orders.queries.change_sums import LineAfter, changeable, is_bought, lines_after, sums_after, wraps
from orders.queries.plans import committed
from orders.queries.promotions import used_by
from orders.queries.quotes import NoEstimate, Quote, quote_again
from orders.rules.bag import ready_last
from orders.rules.changing import (
    NotChangeable,
    Settling,
    Why,
    Wish,
    deltas,
    may_be_changed,
    settling,
)
from orders.rules.given import Given
from orders.rules.guard import Shown
from orders.rules.payment import LEAST, payment_days
from orders.rules.totals import Totals
from shop.models import Variant
from shop.queries.stock import pieces_left

Plans = Mapping[int, Wish]
_OPEN = (Parcel.Status.PLANNED, Parcel.Status.CANCELLED)
_PACKED = Exists(ParcelLine.objects.filter(line=OuterRef("pk")).exclude(parcel__status__in=_OPEN))


@dataclass(frozen=True)
class ChangePlan:
    """What a change makes of an order.  `promise` holds now; `later` is the new one when the change needs longer."""

    order: Order
    payment: Payment
    lines: tuple[LineAfter, ...]
    totals: Totals
    given: tuple[Given, ...]
    settling: Settling
    promise: Promise
    later: Quote | None

    @property
    def changed(self) -> tuple[LineAfter, ...]:
        """Return the lines that change."""
        return tuple(after for after in self.lines if after.changed)

    @property
    def repriced(self) -> tuple[LineAfter, ...]:
        """Return the lines that stay and of which something else is taken off."""
        return tuple(after for after in self.lines if not after.changed and after.repriced)

    @property
    def needed(self) -> Mapping[int, int]:
        """Return by variant how many pieces more, or fewer, the order speaks for."""
        changed = self.changed
        return deltas([((one.line.variant_id, one.line.quantity), (one.variant.pk, one.pieces)) for one in changed])

    @property
    def days(self) -> tuple[date, date]:
        """Return the first and last day of the promise that would hold."""
        holds = self.later.estimate if self.later else self.promise
        return holds.deliver_from_on, holds.deliver_by_on

    def as_shown(self) -> Shown:
        """Return what a page says that shows this change."""
        return Shown(self.totals.total_minor, self.days[1])


def plan_change(order: Order, wishes: Plans, *, at: datetime) -> ChangePlan:
    """Work out a change.  About thirteen queries.  Raises NotChangeable."""
    payment = Payment.objects.get(order=order)
    lines = order_for_change(order, payment)
    wanted = lines_after(order, lines, wishes)
    if not any(one.changed for one in wanted):
        raise NotChangeable(Why.NOTHING)
    if not any(one.pieces for one in wanted if is_bought(one.line)):
        raise NotChangeable(Why.EMPTY)
    after = sums_after(order, wanted, used_by(order), least_minor=LEAST.get(payment.provider, 0))
    _check_parcels(order, [one for one in after.lines if one.changed])
    if any(one.repriced and one.line.qty_handed_over for one in after.lines):
        raise NotChangeable(Why.SENT)
    money = settling(
        new_total_minor=after.totals.total_minor, old_total_minor=order.total_minor, kept_minor=payment.kept_minor
    )
    if money.pay_minor and payment.provider == Payment.Provider.STORE_CREDIT:
        raise NotChangeable(Why.CREDIT)
    holds = committed(list(Promise.objects.filter(order=order).order_by("version", "id")))
    later = _later(order, payment, after.lines, money, holds, at)
    return ChangePlan(order, payment, after.lines, after.totals, after.given, money, holds, later)


def order_for_change(order: Order, payment: Payment) -> list[OrderLine]:
    """Return the lines of an order of which some can still be changed.  Four queries.  Raises NotChangeable."""
    statuses = Parcel.objects.filter(order=order).order_by("id").values_list("status", flat=True)
    if not may_be_changed(order.status, list(statuses), provider=payment.provider):
        raise NotChangeable(Why.BEGUN)
    if Unavailability.objects.filter(order=order).exists():
        raise NotChangeable(Why.MISSING)
    if money_came_back(payment):
        raise NotChangeable(Why.GONE_BACK)
    lines = OrderLine.objects.filter(order=order).select_related("variant__product").annotate(packed=_PACKED)
    return list(lines.order_by("id"))


def open_lines(order: Order, payment: Payment) -> list[OrderLine]:
    """Return the lines that can still be changed: bought, and nothing of them packed.  Four queries.

    Raises NotChangeable, also when there is none.
    """
    lines = order_for_change(order, payment)
    found = [one for one in lines if changeable(one) and not one.packed]  # type: ignore[attr-defined]  # annotated above
    if not found:
        raise NotChangeable(Why.BEGUN)
    return found


def money_came_back(payment: Payment) -> bool:
    """Tell whether the bank took money back, or some of what was paid for pieces or delivery has gone back.

    One query.  What was paid beyond the price and went back counts for nothing: the sums are right without it.
    """
    gone_back = RefundItem.objects.filter(grant__payment=payment).exclude(line=None, number=0)
    return payment.charged_back_minor > 0 or gone_back.exists()


def forms_of(lines: Sequence[OrderLine], *, holder: str = "") -> dict[int, list[Variant]]:
    """Return by product its forms on sale, in shop order, each with `free` pieces.  One query."""
    rows = Variant.objects.filter(product__in={line.variant.product_id for line in lines}, active=True)
    found: dict[int, list[Variant]] = {}
    for row in rows.annotate(free=pieces_left(holder=holder)).order_by("position", "id"):
        found.setdefault(row.product_id, []).append(row)
    return found


def open_change(order_id: int) -> OrderChange | None:
    """Return the change of an order that is staged or being paid.  One query."""
    return OrderChange.objects.filter(order=order_id, state__in=OrderChange.OPEN).order_by("id").first()


def wishes_of(change: OrderChange) -> dict[int, Wish]:
    """Return what a change wants, by line."""
    return {line: Wish(variant, pieces) for line, variant, pieces in change.wishes}


def _check_parcels(order: Order, changed: Sequence[LineAfter]) -> None:
    """Refuse what is packed or made already, and pieces that would have to move to another parcel of several."""
    inside = ParcelLine.objects.filter(line__in=[one.line.pk for one in changed]).select_related("parcel")
    rows = list(inside.exclude(parcel__status=Parcel.Status.CANCELLED).order_by("id"))
    several = Parcel.objects.filter(order=order).exclude(status=Parcel.Status.CANCELLED).count() > 1
    for one in changed:
        mine = [row for row in rows if row.line_id == one.line.pk]
        if len(mine) != 1 or (several and one.making_days != one.line.making_days):
            raise NotChangeable(Why.PARCELS)
        if mine[0].parcel.status != Parcel.Status.PLANNED:
            raise NotChangeable(Why.BEGUN)
        if mine[0].parcel.made_at and (one.line.making_days or one.making_days):
            raise NotChangeable(Why.MADE)


def _later(
    order: Order, payment: Payment, after: Sequence[LineAfter], money: Settling, holds: Promise, at: datetime
) -> Quote | None:
    """Quote the days anew when something takes longer to make, or the work waits for a transfer; else None."""
    ready = ready_last(one.ready for one in after if one.pieces and not wraps(one.line))
    before = ready_last(one.line.ready for one in after if not wraps(one.line))
    waits = bool(money.pay_minor and payment.kept_minor and payment.provider == Payment.Provider.BANK_TRANSFER)
    if ready_last([ready, before]) == before and not waits:
        return None
    unpaid = waits or payment.open_minor > 0
    try:
        days = payment_days(payment.provider) if unpaid else 0
        products = frozenset(one.variant.product_id for one in after if one.pieces and not wraps(one.line))
        quote = quote_again(order, ready=ready, payment_days=days, products=products, at=at)
    except NoEstimate:
        raise NotChangeable(Why.NO_DATE) from None
    return quote if quote.estimate.deliver_by_on > holds.deliver_by_on else None
