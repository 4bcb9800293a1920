"""Splitting: what is ready goes out now, the rest follows in a parcel of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from orders.models import Order, Parcel, ParcelLine, Unavailability
from orders.operations.packing import lock_parcel
from orders.operations.rewriting import plan_beside
from orders.operations.statuses import recompute_statuses
from orders.rules.parcels import split
from orders.rules.states import Impossible
from shop.models import User
from shop.operations.events import record_event


@transaction.atomic
def split_parcel(*, parcel_id: int, first: Mapping[int, int], by: User | None, at: datetime) -> Parcel:
    """Leave `first` (pieces by order line id) in a parcel and plan another one for the rest; return the new one.

    The promise stays one for the whole order: both parcels have its deadlines, or the days that were said of the one
    alone.  Raises Impossible when the parcel is not waiting to be packed or its order is not a living one, BadSplit
    when the pieces do not make two parcels.
    """
    parcel = lock_parcel(parcel_id)
    order = parcel.order
    if order.status != Order.Status.PLACED or parcel.status != Parcel.Status.PLANNED:
        raise Impossible(parcel.status)
    if Unavailability.objects.filter(parcel=parcel).exclude(state=Unavailability.State.SETTLED).exists():
        raise Impossible("pieces are missing")
    inside = {row.line_id: row.quantity for row in ParcelLine.objects.filter(parcel=parcel).order_by("id")}
    stays, moves = split(inside, first)
    later = plan_beside(parcel)
    ParcelLine.objects.bulk_create(ParcelLine(parcel=later, line_id=line, quantity=n) for line, n in moves.items())
    ParcelLine.objects.filter(parcel=parcel).exclude(line_id__in=stays).delete()
    for line_id, pieces in stays.items():
        ParcelLine.objects.filter(parcel=parcel, line_id=line_id).update(quantity=pieces)
    recompute_statuses(order, watch_at=at)
    record_event(
        name="orders.parcel.split",
        subject=f"orders.parcel:{parcel.pk}",
        order_number=order.number,
        customer=order.customer,
        actor=by,
        payload={"order_id": order.pk, "parcel_id": parcel.pk, "later_parcel_id": later.pk},
        for_customer=True,
        at=at,
    )
    return later
