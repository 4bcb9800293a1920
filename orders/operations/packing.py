"""Packing: somebody puts the pieces into a box and says so."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from orders.models import Order, Parcel, ParcelLine, Unavailability
from orders.operations.statuses import recompute_statuses
from orders.queries.waiting import promised_before
from orders.rules.states import Impossible, may_become
from shop.models import StockLevel, User
from shop.operations.events import record_event


class PiecesMissing(Exception):
    """Something of this parcel is missing, and the shopper has not chosen yet or waits for it."""


class NotOnShelf(Exception):
    """The shelf does not hold what the parcel needs; `sku`, `needed` and `there` say what is missing."""

    def __init__(self, sku: str, needed: int, there: int) -> None:
        super().__init__(f"{sku}: {there} of {needed}")
        self.sku = sku
        self.needed = needed
        self.there = there


@transaction.atomic
def pack_parcel(*, parcel_id: int, by: User | None, at: datetime) -> Parcel:
    """Note that a parcel is packed, by whom and when; one that its owner collects is ready then.

    Raises Impossible when it is not waiting to be packed or its order is not a living one, NotOnShelf when the shelf
    is short, PiecesMissing while a case about some of its pieces is open.  Pieces made to order need not be on the
    shelf: they were just made; pieces sold before they came in are there once everything promised earlier is, too.
    """
    parcel = lock_parcel(parcel_id)
    if parcel.order.status != Order.Status.PLACED or not may_become(parcel.status, Parcel.Status.PACKED):
        raise Impossible(parcel.status)
    _check_shelf(parcel)
    if Unavailability.objects.filter(parcel=parcel).exclude(state=Unavailability.State.SETTLED).exists():
        raise PiecesMissing
    parcel.status, parcel.packed_at, parcel.packed_by = Parcel.Status.PACKED, at, by
    parcel.save(update_fields=["status", "packed_at", "packed_by"])
    recompute_statuses(parcel.order, watch_at=at)
    record_event(
        name="orders.parcel.ready-to-collect" if parcel.order.pickup else "orders.parcel.packed",
        subject=f"orders.parcel:{parcel.pk}",
        order_number=parcel.order.number,
        customer=parcel.order.customer,
        actor=by,
        payload={"order_id": parcel.order_id, "parcel_id": parcel.pk},
        for_customer=True,
        at=at,
    )
    return parcel


def lock_parcel(parcel_id: int) -> Parcel:
    """Lock an order, then one of its parcels, always in this order; return the parcel with `order` set.

    Raises Parcel.DoesNotExist.
    """
    orders = Order.objects.select_for_update(of=("self",)).select_related("customer").order_by("id")
    order = orders.filter(parcels=parcel_id).first()
    if order is None:
        raise Parcel.DoesNotExist
    parcel = Parcel.objects.select_for_update().get(pk=parcel_id)
    parcel.order = order
    return parcel


def _check_shelf(parcel: Parcel) -> None:
    for inside in ParcelLine.objects.filter(parcel=parcel).select_related("line").order_by("id"):
        levels = list(StockLevel.objects.filter(variant_id=inside.line.variant_id).order_by("id"))
        there = sum(level.on_hand for level in levels)
        if inside.line.goods_on:  # first promised, first served
            there = max(there - promised_before(inside.line), 0)
        if there < inside.quantity and not any(level.policy == StockLevel.Policy.MADE_TO_ORDER for level in levels):
            raise NotOnShelf(inside.line.sku, inside.quantity, there)
