"""Rewrite what an order speaks for, before it is packed: other pieces from the shelf, another form on a line.

Shared by what she takes instead of what is late and by what she changes of her order.  The order must be locked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F, Max

from orders.models import Order, OrderLine, Parcel, ParcelLine, ParcelPlan
from orders.queries.measures import measures_of
from shop.models import Variant
from shop.operations import stock


def move_pieces(
    *, order: Order, needed: Mapping[int, int], key: str, reason: str, holder: str = "", at: datetime
) -> None:
    """Speak for the pieces an order needs more (variant -> pieces) and free those it needs no more, shelf by shelf.

    Every shelf is locked first, in the order of its id; what `holder` reserved is used up.  Raises
    shop.operations.stock.SoldOut; the caller's transaction must then roll back.
    """
    turns = stock.turns(needed)
    for variant_id in sorted(needed, key=lambda pk: turns[pk]):
        pieces = needed[variant_id]
        if pieces > 0:
            item = stock.Wanted(variant_id, pieces, f"swap-in:{key}:{variant_id}")
            stock.allocate(wanted=[item], order_number=order.number, at=at, holder=holder)
        elif pieces < 0:
            item = stock.Wanted(variant_id, -pieces, f"swap-out:{key}:{variant_id}")
            stock.release(wanted=[item], order_number=order.number, at=at, reason=reason)


def put_form(line: OrderLine, variant: Variant) -> list[str]:
    """Write another form of the same thing on a line, from the shelf; return the columns to be saved.  One query."""
    line.variant, line.sku, line.options_label = variant, variant.sku, variant.label
    line.making_days, line.goods_on = variant.making_days, None
    line.measurements = measures_of([variant.pk]).get(variant.pk, {})
    return ["variant", "sku", "options_label", "making_days", "goods_on", "measurements"]


def plan_next_parcel(order: Order, *, due_at: datetime | None = None) -> Parcel:
    """Plan one more parcel of an order with nothing in it yet; `due_at` where it goes at a time of its own."""
    last = Parcel.objects.filter(order=order).aggregate(last=Max("number"))["last"] or 0
    return Parcel.objects.create(order=order, number=last + 1, due_at=due_at)


def plan_beside(parcel: Parcel) -> Parcel:
    """Plan one more parcel that goes as this one does: an exchange stays one, and days of its own stay hers."""
    beside = plan_next_parcel(parcel.order, due_at=parcel.due_at)
    plan = ParcelPlan.objects.filter(parcel=parcel).order_by("-version", "-id").first()
    if plan is not None:
        plan.pk, plan.parcel, plan.version = None, beside, 1
        plan._state.adding = True
        plan.save(force_insert=True)
    return beside


def take_out(parcel: Parcel, line_id: int, pieces: int) -> None:
    """Take pieces out of an unpacked parcel; an empty one is cancelled."""
    row = ParcelLine.objects.get(parcel=parcel, line=line_id)
    if row.quantity > pieces:
        ParcelLine.objects.filter(pk=row.pk).update(quantity=F("quantity") - pieces)
        return
    row.delete()
    if not ParcelLine.objects.filter(parcel=parcel).exists():
        Parcel.objects.filter(pk=parcel.pk).update(status=Parcel.Status.CANCELLED)
