"""The stages inside the workshop that leave no trace of their own: it is made, it has its label."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from orders.models import Order, Parcel
from orders.operations.packing import lock_parcel
from orders.operations.statuses import recompute_statuses
from orders.rules.states import Impossible
from shop.models import User
from shop.operations.events import record_event


@transaction.atomic
def note_made(*, parcel_id: int, by: User | None, at: datetime) -> Parcel:
    """Note that what had to be made for a parcel is made; noting it twice keeps the first moment.

    Raises Impossible when the parcel is not waiting to be packed or its order is not a living one.
    """
    parcel = _living(parcel_id, Parcel.Status.PLANNED)
    if parcel.made_at is None:
        parcel.made_at = at
        parcel.save(update_fields=["made_at"])
        recompute_statuses(parcel.order, watch_at=at)
        _record("orders.parcel.made", parcel, by=by, at=at)
    return parcel


@transaction.atomic
def note_labelled(*, parcel_id: int, by: User | None, at: datetime) -> Parcel:
    """Note that the label is on a packed parcel; noting it twice keeps the first moment.

    Raises Impossible when the parcel is not packed or its order is not a living one.
    """
    parcel = _living(parcel_id, Parcel.Status.PACKED)
    if parcel.labelled_at is None:
        parcel.labelled_at = at
        parcel.save(update_fields=["labelled_at"])
        recompute_statuses(parcel.order, watch_at=at)
        _record("orders.parcel.labelled", parcel, by=by, at=at)
    return parcel


def _living(parcel_id: int, status: Parcel.Status) -> Parcel:
    parcel = lock_parcel(parcel_id)
    if parcel.order.status != Order.Status.PLACED or parcel.status != status:
        raise Impossible(parcel.status)
    return parcel


def _record(name: str, parcel: Parcel, *, by: User | None, at: datetime) -> None:
    record_event(
        name=name,
        subject=f"orders.parcel:{parcel.pk}",
        order_number=parcel.order.number,
        customer=parcel.order.customer,
        actor=by,
        payload={"order_id": parcel.order_id, "parcel_id": parcel.pk},
        at=at,
    )
