"""Parcels that may be stuck, read by their moments; the rule has the last word about working days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from orders.models import Order, Parcel, ServiceLevel, StuckParcel
from orders.queries.quotes import route_of
from orders.rules.hours import Window
from orders.rules.promise import Route

# A whole working day needs more than this, whatever the hour: what is younger is not looked at.
YOUNGEST = timedelta(hours=24)
ARRIVED_LATELY = timedelta(days=2)


@dataclass(frozen=True)
class Suspect:
    """A parcel and the moment since which it is as it is."""

    parcel_id: int
    since_at: datetime
    order_id: int
    order_number: str
    customer_id: int | None
    service_id: int
    home_weekdays: list[int]
    home_part_of_day: str
    window_from: time | None
    window_to: time | None

    @property
    def window(self) -> Window | None:
        """Return the hours it was to come in, if there were any."""
        return Window(self.window_from, self.window_to) if self.window_from and self.window_to else None


def waiting_suspects(at: datetime) -> Iterator[Suspect]:
    """Yield parcels labelled more than a day ago that are still here.  One query, by `parcel_labelled`."""
    rows = Parcel.objects.filter(status=Parcel.Status.PACKED, labelled_at__lte=at - YOUNGEST, order__pickup=False)
    return _read(rows, "labelled_at", StuckParcel.Cause.LABEL)


def silent_suspects(at: datetime) -> Iterator[Suspect]:
    """Yield parcels on the road that nobody scanned for a day.  One query, by `parcel_heard_of`."""
    rows = Parcel.objects.annotate(heard_at=Coalesce("last_scan_at", "handed_over_at"))
    on_the_road = rows.filter(status=Parcel.Status.HANDED_OVER, heard_at__lte=at - YOUNGEST)
    return _read(on_the_road.exclude(carrier_status="ready_for_pickup"), "heard_at", StuckParcel.Cause.SCAN)


def delivered_suspects(at: datetime) -> Iterator[Suspect]:
    """Yield parcels of the last two days whose owner named days or hours.  One query, by `parcel_arrived`."""
    named = ~Q(order__home_weekdays=[]) | ~Q(order__home_part_of_day="any") | Q(order__window_to__isnull=False)
    rows = Parcel.objects.filter(named, status=Parcel.Status.DELIVERED, delivered_at__gt=at - ARRIVED_LATELY)
    return _read(rows.filter(order__pickup=False), "delivered_at", StuckParcel.Cause.WINDOW)


def _read(rows: QuerySet[Parcel], since: str, cause: str) -> Iterator[Suspect]:
    """Yield those that are not known for this cause since this moment, and whose order lives."""
    known = StuckParcel.objects.filter(parcel=OuterRef("pk"), cause=cause, since_at=OuterRef(since))
    living = rows.filter(~Exists(known), order__status=Order.Status.PLACED)
    columns = (
        "pk",
        since,
        "order_id",
        "order__number",
        "order__customer_id",
        "order__service_id",
        "order__home_weekdays",
        "order__home_part_of_day",
        "order__window_from",
        "order__window_to",
    )
    values: Any = living.order_by("pk").values_list(*columns)
    return (Suspect(*row) for row in values.iterator(chunk_size=2000))


def routes_of_services() -> dict[int, Route]:
    """Return the way of every service by its id.  One query."""
    calendars = "workshop__calendar", "carrier_calendar", "destination_calendar"
    return {row.pk: route_of(row) for row in ServiceLevel.objects.select_related(*calendars).order_by("id")}


def open_stuck() -> QuerySet[StuckParcel]:
    """Return the stuck parcels nobody has looked after."""
    return StuckParcel.objects.filter(settled_at=None)
