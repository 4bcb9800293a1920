"""Pick-up: the shopper, or somebody she sends, takes a packed parcel at our counter."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from orders.models import Order, OrderLine, Parcel, ParcelLine
from orders.models.parcel import PICKUP
from orders.operations.packing import lock_parcel
from orders.operations.shipping import NotPaidYet, let_pieces_leave
from orders.operations.statuses import recompute_statuses
from orders.operations.tracking import note_order_delivered
from orders.rules.states import Impossible
from shop.models import User
from shop.operations.events import record_event


@transaction.atomic
def note_collected(*, parcel_id: int, by: User | None, at: datetime) -> Parcel:
    """Note that a packed parcel was collected: its pieces leave the stock, and it has arrived.

    Raises Impossible when it is not packed or is brought by a courier, NotPaidYet while a transfer has not arrived.
    """
    parcel = lock_parcel(parcel_id)
    order = parcel.order
    if order.status != Order.Status.PLACED or not order.pickup or parcel.status != Parcel.Status.PACKED:
        raise Impossible(parcel.status)
    if order.payment_status == Order.Paid.PENDING:
        raise NotPaidYet(order.number)
    let_pieces_leave(parcel, order, by, at)
    parcel.status, parcel.carrier, parcel.delivered_source = Parcel.Status.DELIVERED, PICKUP, "staff"
    parcel.handed_over_at = parcel.delivered_at = at
    parcel.save(update_fields=["status", "carrier", "delivered_source", "handed_over_at", "delivered_at"])
    for row in ParcelLine.objects.filter(parcel=parcel).order_by("id"):
        OrderLine.objects.filter(pk=row.line_id).update(qty_delivered=F("qty_delivered") + row.quantity)
    note_order_delivered(order, at)
    recompute_statuses(order, watch_at=at)
    for name in ("orders.parcel.handed-over", "orders.parcel.delivered"):
        record_event(
            name=name,
            subject=f"orders.parcel:{parcel.pk}",
            order_number=order.number,
            customer=order.customer,
            actor=by,
            payload={"order_id": order.pk, "parcel_id": parcel.pk},
            for_customer=True,
            at=at,
        )
    return parcel
