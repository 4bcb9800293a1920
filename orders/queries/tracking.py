"""What the tracking page is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from orders.models import DelayCase, Order, Parcel, ParcelLine, ParcelPlan, Promise, TrackingEvent
from orders.rules.tracking import ETA_REVISED


@dataclass(frozen=True)
class Journey:
    """One order on its way.  `promises` first to last, `parcels` by number, cancelled ones left
    out; `plans` by parcel id, for those that go at a time of their own, `said_first` what their days were at first;
    `came_back` are the parcels that could not be delivered and are here again."""

    order: Order
    promises: list[Promise]
    parcels: list[Parcel]
    delay: DelayCase | None
    zone: ZoneInfo
    plans: dict[int, ParcelPlan] = field(default_factory=dict)
    said_first: dict[int, ParcelPlan] = field(default_factory=dict)
    came_back: list[Parcel] = field(default_factory=list)

    @property
    def first(self) -> Promise:
        """Return what we promised when the order was placed."""
        return self.promises[0]

    @property
    def last(self) -> Promise:
        """Return what we say now."""
        return self.promises[-1]


def journey_of(order_id: int) -> Journey:
    """Return an order with all the tracking page tells, in seven queries whatever the number of parcels and scans."""
    order = Order.objects.select_related("service__destination_calendar", "payment").get(pk=order_id)
    inside = Prefetch("lines", ParcelLine.objects.select_related("line").order_by("id"))
    scans = Prefetch("tracking", TrackingEvent.objects.exclude(status=ETA_REVISED).order_by("-occurred_at", "-id"))
    parcels = Parcel.objects.filter(order=order).exclude(status=Parcel.Status.CANCELLED, came_back_at=None)
    plans = list(ParcelPlan.objects.filter(parcel__order=order).order_by("version", "id"))
    known = list(parcels.prefetch_related(inside, scans).order_by("number", "id"))
    return Journey(
        order=order,
        promises=list(Promise.objects.filter(order=order).order_by("version", "id")),
        parcels=[parcel for parcel in known if parcel.came_back_at is None],
        delay=DelayCase.objects.filter(order=order).order_by("-round", "-id").first(),
        zone=ZoneInfo(order.service.destination_calendar.time_zone),
        plans={row.parcel_id: row for row in plans},
        said_first={row.parcel_id: row for row in reversed(plans)},
        came_back=[parcel for parcel in known if parcel.came_back_at],
    )
