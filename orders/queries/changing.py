"""What a change of an order would make of it: lines, sums, what is to pay or goes back, and the day it arrives.

Preview and application take this one path; the application calls it with the order locked.
Source: style 14; commerce reference d.3 (OrderChange), b-17, 2.19.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.conf import settings

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
from orders.queries.plans import committed
from orders.queries.quotes import NoEstimate, Quote, delivery_price, quote_again
from orders.rules.bag import Ready, ready_last
from orders.rules.cancelling import may_be_cancelled
from orders.rules.changing import (
    NotChangeable,
    Settling,
    Why,
    Wish,
    deltas,
    fee_after,
    same_price,
    settling,
    unit_after,
    was_after,
)
from orders.rules.guard import Shown
from orders.rules.payment import payment_days
from orders.rules.totals import Priced, Totals, totals
from shop.models import Variant
from shop.queries.reductions import former_prices_at
from shop.queries.stock import pieces_left

Plans = Mapping[int, Wish]


@dataclass(frozen=True)
class LineAfter:
    """One line as it would be; `pieces` 0 when it is taken out."""

    line: OrderLine
    variant: Variant
    priced: Priced
    pieces: int
    was_minor: int | None = None

    @property
    def changed(self) -> bool:
        """Tell whether anything of it is different."""
        return (self.variant.pk, self.pieces) != (self.line.variant_id, self.line.quantity)

    @property
    def making_days(self) -> int:
        """Return how long it takes to make."""
        return self.ready.making_days

    @property
    def ready(self) -> Ready:
        """Return when it can be packed; another form is given only from the shelf."""
        return Ready(self.variant.making_days) if self.variant.pk != self.line.variant_id else self.line.ready


@dataclass(frozen=True)
class ChangePlan:
    """What a change makes of an order.  `promise` holds now; `later` is the new one when the change needs longer."""

    order: Order
    payment: Payment
    lines: tuple[LineAfter, ...]
    totals: Totals
    settling: Settling
    promise: Promise
    later: Quote | None

    @property
    def changed(self) -> tuple[LineAfter, ...]:
        """Return the lines that change."""
        return tuple(after for after in self.lines if after.changed)

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
    """Work out a change.  About twelve queries.  Raises NotChangeable."""
    payment = Payment.objects.get(order=order)
    lines = order_for_change(order, payment)
    after = _lines_after(order, lines, wishes)
    changed = [one for one in after if one.changed]
    if not changed:
        raise NotChangeable(Why.NOTHING)
    if not any(one.pieces for one in after if not _wraps(one.line)):
        raise NotChangeable(Why.EMPTY)
    if _has_promotions(order, lines) and not all(_costs_the_same(one) for one in changed):
        raise NotChangeable(Why.PROMOTION)
    _check_parcels(order, changed)
    sums = _totals_after(order, after)
    money = settling(new_total_minor=sums.total_minor, old_total_minor=order.total_minor, kept_minor=payment.kept_minor)
    if money.pay_minor and payment.provider == Payment.Provider.STORE_CREDIT:
        raise NotChangeable(Why.CREDIT)
    holds = committed(list(Promise.objects.filter(order=order).order_by("version", "id")))
    return ChangePlan(order, payment, tuple(after), sums, money, holds, _later(order, payment, after, money, holds, at))


def order_for_change(order: Order, payment: Payment) -> list[OrderLine]:
    """Return the lines of an order that can still be changed.  Four queries.  Raises NotChangeable."""
    statuses = Parcel.objects.filter(order=order).order_by("id").values_list("status", flat=True)
    if not may_be_cancelled(order.status, list(statuses)):
        raise NotChangeable(Why.BEGUN)
    if Unavailability.objects.filter(order=order).exists():
        raise NotChangeable(Why.MISSING)
    if money_came_back(payment):
        raise NotChangeable(Why.GONE_BACK)
    return list(OrderLine.objects.filter(order=order).select_related("variant__product").order_by("id"))


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


def changeable(line: OrderLine) -> bool:
    """Tell whether a line is one that can be changed: bought, all of it still to come, and not the gift wrap."""
    gone = line.qty_cancelled + line.qty_missing + line.qty_replaced + line.qty_handed_over
    return line.kind == OrderLine.Kind.SALE and not gone and not _wraps(line)


def open_change(order_id: int) -> OrderChange | None:
    """Return the change of an order that is staged or being paid.  One query."""
    return OrderChange.objects.filter(order=order_id, state__in=OrderChange.OPEN).order_by("id").first()


def wishes_of(change: OrderChange) -> dict[int, Wish]:
    """Return what a change wants, by line."""
    return {line: Wish(variant, pieces) for line, variant, pieces in change.wishes}


def _wraps(line: OrderLine) -> bool:
    return bool(line.sku == settings.GIFT_WRAP_SKU)


def _has_promotions(order: Order, lines: Sequence[OrderLine]) -> bool:
    taken_off = any(line.discount_minor or line.kind == OrderLine.Kind.FREE for line in lines)
    return taken_off or order.redemptions.filter(released_at=None).exists()


def _lines_after(order: Order, lines: Sequence[OrderLine], wishes: Plans) -> list[LineAfter]:
    ids = {wish.variant_id for wish in wishes.values()}
    swaps = any(line.pk in wishes and wishes[line.pk].variant_id != line.variant_id for line in lines)
    then = former_prices_at(ids, at=order.placed_at) if swaps else {}
    forms = {variant.pk: variant for variant in Variant.objects.filter(pk__in=ids).order_by("id")}
    if not wishes.keys() <= {line.pk for line in lines}:
        raise NotChangeable(Why.OTHER_LINE)
    return [_line_after(line, forms, wishes.get(line.pk), then) for line in lines]


def _line_after(line: OrderLine, forms: Mapping[int, Variant], wish: Wish | None, then: Mapping[int, int]) -> LineAfter:
    """Return one line as it would be; `then` holds by form the former price that was shown when she ordered."""
    old, unit, was = line.variant, line.unit_minor, line.was_minor
    if wish is None or (wish.variant_id, wish.quantity) == (old.pk, line.quantity):
        kept = Priced(unit, line.quantity, line.tax_rate_bp, line.discount_minor)
        return LineAfter(line, old, kept, line.quantity, was)
    new = forms.get(wish.variant_id)
    if new is None or new.product_id != old.product_id or not changeable(line):
        raise NotChangeable(Why.OTHER_LINE)
    if new.pk != old.pk and not new.active:
        raise NotChangeable(Why.OTHER_LINE)
    if new.pk != old.pk:
        unit = unit_after(agreed_minor=unit, old_today_minor=old.price_minor, new_today_minor=new.price_minor)
        was = was_after(
            unit_minor=unit,
            today_minor=new.price_minor,
            was_today_minor=new.was_minor,
            was_then_minor=then.get(new.pk),
        )
    priced = Priced(unit, wish.quantity, line.tax_rate_bp, line.discount_minor)
    return LineAfter(line, new, priced, wish.quantity, was)


def _costs_the_same(after: LineAfter) -> bool:
    line = after.line
    return same_price(Priced(line.unit_minor, line.quantity, line.tax_rate_bp), replace(after.priced, discount_minor=0))


def _check_parcels(order: Order, changed: Sequence[LineAfter]) -> None:
    """Refuse what is made already, and pieces that would have to move to another parcel of several."""
    inside = ParcelLine.objects.filter(line__in=[one.line.pk for one in changed]).select_related("parcel")
    rows = list(inside.exclude(parcel__status=Parcel.Status.CANCELLED).order_by("id"))
    several = Parcel.objects.filter(order=order).exclude(status=Parcel.Status.CANCELLED).count() > 1
    for one in changed:
        mine = [row for row in rows if row.line_id == one.line.pk]
        if len(mine) != 1 or (several and one.making_days != one.line.making_days):
            raise NotChangeable(Why.PARCELS)
        if mine[0].parcel.made_at and (one.line.making_days or one.making_days):
            raise NotChangeable(Why.MADE)


def _totals_after(order: Order, after: Sequence[LineAfter]) -> Totals:
    """Add the order up again: by the same sums as the checkout."""
    before = sum(one.line.gross_minor for one in after if not _wraps(one.line))
    goods = sum(one.priced.gross_minor for one in after if not _wraps(one.line))
    fee = fee_after(
        agreed_minor=order.delivery_minor,
        before_minor=delivery_price(order.service, goods_minor=before) + order.window_minor,
        after_minor=delivery_price(order.service, goods_minor=goods) + order.window_minor,
    )
    return totals(lines=[one.priced for one in after if one.pieces], delivery_minor=fee)


def _later(
    order: Order, payment: Payment, after: Sequence[LineAfter], money: Settling, holds: Promise, at: datetime
) -> Quote | None:
    """Quote the days anew when something takes longer to make, or the work waits for a transfer; else None."""
    ready = ready_last(one.ready for one in after if one.pieces and not _wraps(one.line))
    before = ready_last(one.line.ready for one in after if not _wraps(one.line))
    waits = bool(money.pay_minor and payment.kept_minor and payment.provider == Payment.Provider.BANK_TRANSFER)
    if ready_last([ready, before]) == before and not waits:
        return None
    unpaid = waits or payment.open_minor > 0
    try:
        days = payment_days(payment.provider) if unpaid else 0
        products = frozenset(one.variant.product_id for one in after if one.pieces and not _wraps(one.line))
        quote = quote_again(order, ready=ready, payment_days=days, products=products, at=at)
    except NoEstimate:
        raise NotChangeable(Why.NO_DATE) from None
    return quote if quote.estimate.deliver_by_on > holds.deliver_by_on else None
