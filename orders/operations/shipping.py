"""Hand-over: a packed parcel leaves the house with a tracking number."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from orders.models import Order, OrderLine, Parcel, ParcelLine
from orders.operations.packing import lock_parcel
from orders.operations.statuses import recompute_statuses
from orders.queries.couriers import may_be_asked
from orders.queries.delays import waits_for_word
from orders.rules.states import Impossible, may_become
from shop.models import User
from shop.operations import stock
from shop.operations.events import record_event

_TRACKING_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{3,59}")


class NotPaidYet(Exception):
    """The bank transfer has not arrived: goods stay until it has."""


class WordMissing(Exception):
    """It is late for the second time and she has not said that she still wants it: silence is no consent."""


class TrackingNumberTaken(Exception):
    """Another parcel of this carrier travels under this number; `order_number` says whose."""

    def __init__(self, order_number: str) -> None:
        super().__init__(order_number)
        self.order_number = order_number


class BadTrackingNumber(Exception):
    """A tracking number is 4 to 60 letters, digits and hyphens; a carrier has a name."""


@transaction.atomic
def hand_over_parcel(*, parcel_id: int, carrier: str, tracking_number: str, by: User | None, at: datetime) -> Parcel:
    """Hand a packed parcel over to `carrier`; its pieces leave the stock.

    Spaces in the number are dropped and letters made capital.  Raises Impossible when the parcel is not packed or its
    order is not a living one, NotPaidYet, WordMissing, BadTrackingNumber, TrackingNumberTaken.
    """
    number = clean_tracking_number(carrier, tracking_number)
    parcel = lock_parcel(parcel_id)
    order = parcel.order
    if order.status != Order.Status.PLACED or not may_become(parcel.status, Parcel.Status.HANDED_OVER):
        raise Impossible(parcel.status)
    if order.pickup:
        raise Impossible("its owner collects it")
    if order.payment_status == Order.Paid.PENDING:
        raise NotPaidYet(order.number)
    if not parcel.due_at and waits_for_word(order.pk):
        raise WordMissing(order.number)
    _save_with_number(parcel, carrier, number, at)
    let_pieces_leave(parcel, order, by, at)
    recompute_statuses(order, watch_at=at)
    record_event(
        name="orders.parcel.handed-over",
        subject=f"orders.parcel:{parcel.pk}",
        order_number=order.number,
        customer=order.customer,
        actor=by,
        payload={"order_id": order.pk, "parcel_id": parcel.pk},
        for_customer=True,
        at=at,
    )
    return parcel


def clean_tracking_number(carrier: str, typed: str) -> str:
    """Return the number as it is stored.  Raises BadTrackingNumber."""
    number = "".join(typed.split()).upper()
    if not (0 < len(carrier) <= 40) or not _TRACKING_NUMBER.fullmatch(number):
        raise BadTrackingNumber(typed)
    return number


def _save_with_number(parcel: Parcel, carrier: str, number: str, at: datetime) -> None:
    parcel.status, parcel.handed_over_at = Parcel.Status.HANDED_OVER, at
    parcel.carrier, parcel.tracking_number = carrier, number
    parcel.poll_at = at if may_be_asked(carrier) else None
    try:
        with transaction.atomic():
            parcel.save(update_fields=["status", "handed_over_at", "carrier", "tracking_number", "poll_at"])
    except IntegrityError:  # the unique constraint decides, also between two hand-overs at the same moment
        other = Parcel.objects.select_related("order").get(carrier=carrier, tracking_number=number)
        raise TrackingNumberTaken(other.order.number) from None


def let_pieces_leave(parcel: Parcel, order: Order, by: User | None, at: datetime) -> None:
    """Let what is inside leave the stock and count as handed over; the parcel must be locked."""
    inside = list(ParcelLine.objects.filter(parcel=parcel).select_related("line").order_by("id"))
    stock.hand_over(
        wanted=[
            stock.Wanted(row.line.variant_id, row.quantity, f"hand-over:{parcel.pk}:{row.line_id}") for row in inside
        ],
        order_number=order.number,
        at=at,
        actor=by,
    )
    for row in inside:
        OrderLine.objects.filter(pk=row.line_id).update(qty_handed_over=F("qty_handed_over") + row.quantity)
