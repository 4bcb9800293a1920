"""The one place that writes an order's derived columns: fulfilment, service, what is due next, when to look again.

Source: commerce reference d.3 (`recompute_statuses`).
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef

from orders.models import Order, OrderLine, Parcel, ParcelLine, Promise
from orders.rules import states

_COLUMNS = ["fulfilment_status", "service_status", "next_due_at", "next_due_kind", "watch_at"]


def recompute_statuses(order: Order, *, watch_at: datetime | None = None) -> None:
    """Bring fulfilment, service, the next deadline and the watch in line with parcels and promises.

    Call with the order locked, inside the transaction of the change.  The next deadline is the current promise's
    pack, hand-over or delivery moment; once everything promised has arrived it is the one of an exchange still to be
    sent.  Nothing is due and nothing watched once everything is delivered or the order is cancelled.  The watch looks
    at `watch_at` or, without one, at the next deadline.
    """
    parcels = _living_parcels(order)
    promises = list(Promise.objects.filter(order=order).order_by("version", "id"))
    order.fulfilment_status = states.fulfilment_of([parcel.status for parcel in parcels])
    order.next_due_at, order.next_due_kind, order.watch_at = None, "", None
    if order.status == Order.Status.PLACED and promises:
        _judge_service(order, promises)
        _set_next_due(order, promises[-1], parcels, watch_at)
    order.save(update_fields=_COLUMNS)


def _living_parcels(order: Order) -> list[Parcel]:
    """Return parcels that still mean something, each with `promised`: false when it holds exchanges only."""
    sold = ParcelLine.objects.filter(parcel=OuterRef("pk"), line__kind=OrderLine.Kind.SALE)
    rows = Parcel.objects.filter(order=order).exclude(status=Parcel.Status.CANCELLED)
    return list(rows.annotate(promised=Exists(sold)).order_by("number", "id"))


def _judge_service(order: Order, promises: list[Promise]) -> None:
    """Once delivered, the first promise decides; before, a later promise than the first is late."""
    if order.delivered_at:
        late = order.delivered_at >= promises[0].breaks_at
        order.service_status = Order.Service.LATE if late else Order.Service.OK
    elif promises[-1].deliver_by_on > promises[0].deliver_by_on:
        order.service_status = Order.Service.LATE


def _set_next_due(order: Order, promise: Promise, parcels: list[Parcel], watch_at: datetime | None) -> None:
    promised = [parcel.status for parcel in parcels if parcel.promised]  # type: ignore[attr-defined] # annotated
    stage = states.fulfilment_of(promised) if promised else Order.Fulfilment.DELIVERED
    deadlines = {
        Order.Fulfilment.OPEN: ("pack", promise.pack_by_at),
        Order.Fulfilment.PACKED: ("hand_over", promise.hand_over_by_at),
        Order.Fulfilment.HANDED_OVER: ("deliver", promise.breaks_at),
    }
    if stage in deadlines:
        order.next_due_kind, order.next_due_at = deadlines[Order.Fulfilment(stage)]
        order.watch_at = watch_at or order.next_due_at
        return
    kinds = {Parcel.Status.PLANNED: "pack", Parcel.Status.PACKED: "hand_over"}
    waiting = [parcel for parcel in parcels if parcel.due_at and parcel.status in kinds]
    if waiting:
        first = min(waiting, key=lambda parcel: (parcel.due_at, parcel.pk))
        order.next_due_kind, order.next_due_at = kinds[Parcel.Status(first.status)], first.due_at
