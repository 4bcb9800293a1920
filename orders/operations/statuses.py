"""The one place that writes an order's derived columns: fulfilment, service, and what is due next.

Source: commerce reference d.3 (`recompute_statuses`).
"""

from __future__ import annotations

from orders.models import Order, Parcel, Promise
from orders.rules import states


def recompute_statuses(order: Order) -> None:
    """Bring fulfilment, service and the next deadline in line with parcels and promises.

    Call with the order locked, inside the transaction of the change.  The next deadline is the current promise's
    pack, hand-over or delivery moment; nothing is due once everything is delivered or the order is cancelled.
    """
    statuses = list(Parcel.objects.filter(order=order).order_by("number", "id").values_list("status", flat=True))
    promises = list(Promise.objects.filter(order=order).order_by("version", "id"))
    order.fulfilment_status = states.fulfilment_of(statuses)
    if order.status != Order.Status.PLACED or not promises:
        order.next_due_at, order.next_due_kind = None, ""
    else:
        _set_next_due(order, promises[-1])
        late = promises[-1].deliver_by_on > promises[0].deliver_by_on
        if late:
            order.service_status = Order.Service.LATE
    order.save(update_fields=["fulfilment_status", "service_status", "next_due_at", "next_due_kind"])


def _set_next_due(order: Order, promise: Promise) -> None:
    deadlines = {
        Order.Fulfilment.OPEN: ("pack", promise.pack_by_at),
        Order.Fulfilment.PACKED: ("hand_over", promise.hand_over_by_at),
        Order.Fulfilment.HANDED_OVER: ("deliver", promise.breaks_at),
    }
    order.next_due_kind, order.next_due_at = deadlines.get(Order.Fulfilment(order.fulfilment_status), ("", None))
