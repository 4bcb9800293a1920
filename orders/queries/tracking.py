"""What the tracking page is made of."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from orders.models import DelayCase, Order, Parcel, ParcelLine, Promise, TrackingEvent
from orders.rules.tracking import ETA_REVISED


@dataclass(frozen=True)
class Journey:
    """One order on its way.  `promises` first to last, `parcels` by number, cancelled ones left out."""

    order: Order
    promises: list[Promise]
    parcels: list[Parcel]
    delay: DelayCase | None
    zone: ZoneInfo

    @property
    def first(self) -> Promise:
        """Return what we promised when the order was placed."""
        return self.promises[0]

    @property
    def last(self) -> Promise:
        """Return what we say now."""
        return self.promises[-1]


def journey_of(order_id: int) -> Journey:
    """Return an order with all the tracking page tells, in six queries whatever the number of parcels and scans."""
    order = Order.objects.select_related("service__destination_calendar", "payment").get(pk=order_id)
    inside = Prefetch("lines", ParcelLine.objects.select_related("line").order_by("id"))
    scans = Prefetch("tracking", TrackingEvent.objects.exclude(status=ETA_REVISED).order_by("-occurred_at", "-id"))
    parcels = Parcel.objects.filter(order=order).exclude(status=Parcel.Status.CANCELLED)
    return Journey(
        order=order,
        promises=list(Promise.objects.filter(order=order).order_by("version", "id")),
        parcels=list(parcels.prefetch_related(inside, scans).order_by("number", "id")),
        delay=DelayCase.objects.filter(order=order).order_by("-round", "-id").first(),
        zone=ZoneInfo(order.service.destination_calendar.time_zone),
    )
