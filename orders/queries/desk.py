"""The desk of staff: which orders, in which order, and everything about one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch, Q, QuerySet

from orders.models import DelayCase, Order, OrderLine, OrderNote, Parcel, ParcelLine, Promise, TrackingEvent
from orders.rules.stages import Stage
from orders.rules.tracking import ETA_REVISED
from shop.models import Event


def desk_filters(at: datetime) -> dict[str, Q]:
    """Return the named views of the desk; each is part of what the index `order_desk` or `order_watch` holds."""
    open_orders = Q(status=Order.Status.PLACED, next_due_at__isnull=False)
    return {
        "now": open_orders,
        "make": open_orders & Q(next_due_kind=Stage.MAKING),
        "pack": open_orders & Q(next_due_kind=Stage.PACKING),
        "hand-over": open_orders & Q(next_due_kind__in=[Stage.LABELLING, Stage.HAND_OVER]),
        "on-the-way": open_orders & Q(next_due_kind="deliver"),
        "late": open_orders & (Q(next_due_at__lt=at) | Q(service_status=Order.Service.LATE)),
        "unpaid": open_orders & Q(payment_status=Order.Paid.PENDING),
    }


def stage_filter(name: str) -> Q | None:
    """Return the orders at one stage for `stage-pack` and the like, None for any other name."""
    stages = {f"stage-{stage}": stage for stage in Stage}
    return (
        Q(status=Order.Status.PLACED, next_due_at__isnull=False, next_due_kind=stages[name]) if name in stages else None
    )


def desk_counts(at: datetime) -> dict[str, int]:
    """Return how many orders each view of the desk holds.  One query over open orders."""
    filters = desk_filters(at)
    counted = Order.objects.filter(filters["now"]).aggregate(
        **{name.replace("-", "_"): Count("id", filter=wanted) for name, wanted in filters.items()}
    )
    return {name: counted[name.replace("-", "_")] for name in filters}


@dataclass(frozen=True)
class Dossier:
    """All about one order.  Promises, delays and events newest first; cancelled parcels included."""

    lines: list[OrderLine]
    parcels: list[Parcel]
    promises: list[Promise]
    delays: list[DelayCase]
    events: list[Event]
    notes: list[OrderNote]


def dossier_of(order: Order) -> Dossier:
    """Return what the order page of staff tells.  Eight queries whatever the number of rows."""
    inside = Prefetch("lines", ParcelLine.objects.select_related("line").order_by("id"))
    scans = Prefetch("tracking", TrackingEvent.objects.exclude(status=ETA_REVISED).order_by("-occurred_at", "-id"))
    parcels = Parcel.objects.filter(order=order).select_related("packed_by").prefetch_related(inside, scans)
    return Dossier(
        lines=list(OrderLine.objects.filter(order=order).order_by("id")),
        parcels=list(parcels.order_by("number", "id")),
        promises=list(Promise.objects.filter(order=order).order_by("-version", "-id")),
        delays=list(DelayCase.objects.filter(order=order).select_related("new_promise").order_by("-round", "-id")),
        events=list(events_of(order.number)[:100]),
        notes=list(OrderNote.objects.filter(order=order).order_by("-written_at", "-id")[:100]),
    )


def events_of(order_number: str) -> QuerySet[Event]:
    """Return the events of an order, newest first, with who acted."""
    return Event.objects.filter(order_number=order_number).select_related("actor").order_by("-happened_at", "-id")
