"""Until when each stage of an order has to be done, and how much work stands where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q

from orders.models import Order, ParcelPlan, Promise, ServiceLevel, Workshop
from orders.queries.quotes import route_of
from orders.rules.promise import Route
from orders.rules.stages import Deadlines, Promised, Stage, deadlines
from shop.queries.calendars import calendar_of
from shop.rules.calendar import NoOpenDay, WorkingCalendar

DAYS_SHOWN = 10


def route_of_order(order: Order) -> Route:
    """Return the way an order goes, by the calendars as they are now.  One query."""
    calendars = "workshop__calendar", "carrier_calendar", "destination_calendar"
    return route_of(ServiceLevel.objects.select_related(*calendars).get(pk=order.service_id))


def deadlines_of(promise: Promise | ParcelPlan, route: Route) -> Deadlines:
    """Return the deadlines of the stages that lead to a promise; its own when a calendar has no answer.  No query."""
    promised = Promised(
        made_at=promise.made_at,
        pack_by_at=promise.pack_by_at,
        hand_over_by_at=promise.hand_over_by_at,
        breaks_at=promise.breaks_at,
        handling_days=promise.basis.get("handling_days", route.handling_days),
        making_days=promise.basis.get("making_days", 0),
    )
    try:
        return deadlines(promised, route)
    except NoOpenDay:
        packed, gone = promise.pack_by_at, promise.hand_over_by_at
        return Deadlines(packed, packed, packed, gone, gone, promise.breaks_at)


@dataclass(frozen=True)
class Load:
    """How many orders stand at one stage: overdue, due today, tomorrow and later, and the earliest deadline."""

    stage: Stage
    overdue: int
    today: int
    tomorrow: int
    later: int
    first_at: datetime | None

    @property
    def total(self) -> int:
        """Return them all."""
        return self.overdue + self.today + self.tomorrow + self.later


def loads(at: datetime, *, midnight: datetime) -> list[Load]:
    """Return the work at each stage, in the order of the way; `midnight` ends today for those who look.

    One query over open orders, by the index `order_desk`.
    """
    tomorrow = midnight + timedelta(days=1)
    buckets = {
        "overdue": Q(next_due_at__lt=at),
        "today": Q(next_due_at__gte=at, next_due_at__lt=midnight),
        "tomorrow": Q(next_due_at__gte=midnight, next_due_at__lt=tomorrow),
        "later": Q(next_due_at__gte=tomorrow),
    }
    rows = (
        Order.objects.filter(status=Order.Status.PLACED, next_due_at__isnull=False)
        .values("next_due_kind")
        .annotate(**{name: Count("id", filter=q) for name, q in buckets.items()}, first_at=Min("next_due_at"))
        .order_by("next_due_kind")
    )
    found = {row["next_due_kind"]: row for row in rows}
    return [_load(stage, found.get(stage, {})) for stage in Stage if stage != Stage.RECEIPT]


def _load(stage: Stage, row: Mapping[str, Any]) -> Load:
    overdue, today, tomorrow, later = (row.get(name, 0) for name in ("overdue", "today", "tomorrow", "later"))
    return Load(stage, overdue, today, tomorrow, later, row.get("first_at"))


@dataclass(frozen=True)
class Day:
    """One day of a workshop: how many orders start, how many may (None: any number), or why nobody works."""

    on: date
    orders: int
    capacity: int | None
    open: bool
    reason: str = ""


def workshop_days(workshop: Workshop, *, today: date) -> list[Day]:
    """Return the coming days of a workshop against its capacity.  One query."""
    calendar: WorkingCalendar = calendar_of(workshop.calendar)
    days = [today + timedelta(days=offset) for offset in range(DAYS_SHOWN)]
    starts = (
        Promise.objects.filter(
            version=1,
            starts_on__gte=today,
            starts_on__lte=days[-1],
            order__status__in=[Order.Status.PLACING, Order.Status.PLACED],
            order__service__workshop=workshop,
        )
        .values("starts_on")
        .annotate(orders=Count("id"))
        .order_by("starts_on")
    )
    counted = {row["starts_on"]: row["orders"] for row in starts}
    return [
        Day(day, counted.get(day, 0), calendar.capacity(day), calendar.is_open(day), calendar.reason(day))
        for day in days
    ]
