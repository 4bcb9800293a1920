"""What became of a service's orders: what its table is learned from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.db.models.fields.json import KT

from orders.models import DelayCase, Order, Parcel, ParcelPlan, Promise, ServiceLevel
from orders.rules.estimates.service import Trip

_HERS = (Promise.Source.CUSTOMER, Promise.Source.SHOPPER)


def trips_of(service: ServiceLevel, *, since: datetime) -> list[Trip]:
    """Return what became of the orders placed from `since` on, oldest first; the service comes with its calendars.

    Left out is what tells nothing about the way: orders that waited for money, whose shopper chose another day or a day
    somebody is at home, and those that went in two parcels.  One query.
    """
    ours = Q(order__parcels__due_at=None) & ~Q(order__parcels__status=Parcel.Status.CANCELLED)
    order = OuterRef("order")
    rows = (
        Promise.objects.filter(
            version=1, order__service=service, order__status=Order.Status.PLACED, order__placed_at__gte=since
        )
        .exclude(Exists(Promise.objects.filter(order=order, source__in=_HERS)))
        .exclude(Exists(DelayCase.objects.filter(order=order, cause=DelayCase.Cause.PAYMENT)))
        .exclude(Exists(ParcelPlan.objects.filter(parcel__order=order, parcel__due_at=None)))
        .exclude(basis__home_weekdays__0__isnull=False)
        .annotate(
            planned_on=KT("basis__hand_over_on"),
            level_bp=KT("basis__level_bp"),
            gone_at=Max("order__parcels__handed_over_at", filter=ours),
            waiting=Count("order__parcels", filter=ours & Q(order__parcels__handed_over_at=None)),
        )
        .order_by("order__placed_at", "id")
        .values(
            "planned_on", "level_bp", "hand_over_by_at", "deliver_by_on", "order__delivered_at", "gone_at", "waiting"
        )
    )
    here, there = ZoneInfo(service.workshop.calendar.time_zone), ZoneInfo(service.destination_calendar.time_zone)
    return [_trip(row, here, there) for row in rows]


def _trip(row: Mapping[str, Any], here: ZoneInfo, there: ZoneInfo) -> Trip:
    planned = row["planned_on"]
    gone_at = None if row["waiting"] else row["gone_at"]
    return Trip(
        planned_on=date.fromisoformat(planned) if planned else row["hand_over_by_at"].astimezone(here).date(),
        handed_over_on=gone_at.astimezone(here).date() if gone_at else None,
        delivered_on=row["order__delivered_at"].astimezone(there).date() if row["order__delivered_at"] else None,
        promised_on=row["deliver_by_on"] if row["level_bp"] else None,
    )
