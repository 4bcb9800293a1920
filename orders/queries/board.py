"""What the promise board tells: how promises of a period ended, and what is in danger now.

Ended promises are read by the index on `PromiseOutcome.delivered_at`, open ones by `order_desk`; counts of open orders
stop at COUNT_AT_MOST.  Source: ux reference 2.15.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek

from orders.models import Order, Promise, PromiseOutcome
from orders.queries.desk import desk_filters
from orders.rules.board import Share

COUNT_AT_MOST = 10_000
LANES = 40
OPEN = Q(status=Order.Status.PLACED, next_due_at__isnull=False)  # what the index `order_desk` holds


@dataclass(frozen=True)
class Totals:
    """Promises that ended: kept against the first and against the last told, days late together, late and not told."""

    first: Share
    told: Share
    late_days: int
    untold: int


@dataclass(frozen=True)
class Row:
    """One group of promises: what it is called, how they were kept, and the days late together."""

    name: tuple[object, ...]
    first: Share
    late_days: int


@dataclass(frozen=True)
class Now:
    """Open orders: at risk, late, promised for today, and late with nobody having told a newer day (must be 0)."""

    at_risk: int
    late: int
    today: int
    silent: int


def ended(since: datetime) -> QuerySet[PromiseOutcome]:
    """Return the promises that ended since a moment."""
    return PromiseOutcome.objects.filter(delivered_at__gte=since)


def totals(since: datetime) -> Totals:
    """Return how promises ended, all together.  One query."""
    found = ended(since).aggregate(
        total=Count("id"),
        first=Count("id", filter=Q(kept_first=True)),
        told=Count("id", filter=Q(kept_told=True)),
        late_days=Sum("late_days"),
        untold=Count("id", filter=Q(kept_first=False, told_in_time=False)),
    )
    return Totals(
        Share(found["first"], found["total"]),
        Share(found["told"], found["total"]),
        found["late_days"] or 0,
        found["untold"],
    )


def lanes(since: datetime) -> list[Row]:
    """Return the promises by country and service, most first, at most LANES.  One query."""
    rows = _grouped(ended(since), "country", "service__name").order_by("-total", "country", "service__name")[:LANES]
    return [_row(row, "country", "service__name") for row in rows]


def lost(since: datetime) -> list[Row]:
    """Return the late ones by where the time was lost and why, most first.  One query."""
    late = ended(since).filter(kept_first=False)
    return [
        _row(row, "stage", "cause") for row in _grouped(late, "stage", "cause").order_by("-total", "stage", "cause")
    ]


def weeks(since: datetime) -> list[Row]:
    """Return the promises by the week they ended in, oldest first.  One query."""
    rows = ended(since).annotate(week=TruncWeek("delivered_at"))
    return [_row(row, "week") for row in _grouped(rows, "week").order_by("week")]


def levels(since: datetime) -> list[tuple[int, int, int]]:
    """Return (promised basis points, orders, kept) of the promises that named a probability.  One query."""
    rows = ended(since).filter(level_bp__isnull=False).values_list("level_bp")
    counted = rows.annotate(total=Count("id"), kept=Count("id", filter=Q(kept_first=True)))
    return list(counted.order_by("level_bp"))


def _grouped(rows: Any, *names: str) -> Any:
    """Return rows by name; the type checker knows no annotated column, so nobody asks it."""
    return rows.values(*names).annotate(
        total=Count("id"), kept=Count("id", filter=Q(kept_first=True)), late=Sum("late_days")
    )


def _row(row: dict[str, object], *names: str) -> Row:
    kept, total, late = (int(str(row[key] or 0)) for key in ("kept", "total", "late"))
    return Row(tuple(row[name] for name in names), Share(kept, total), late)


def now(at: datetime, *, midnight: datetime) -> Now:
    """Return what is in danger; `midnight` ends today for those who look.  Four queries over open orders."""
    open_orders = Order.objects.filter(OPEN)
    return Now(
        at_risk=_count(at_risk(open_orders, at)),
        late=_count(Order.objects.filter(desk_filters(at)["late"])),
        today=_count(open_orders.filter(next_due_at__lt=midnight, fulfilment_status=Order.Fulfilment.HANDED_OVER)),
        silent=_count(late_in_silence(open_orders, at)),
    )


def late_in_silence(open_orders: QuerySet[Order], at: datetime) -> QuerySet[Order]:
    """Keep the orders for which every day that reached the shopper is over.

    The first promise stood on the page; a later one counts from the moment it was told.  Only orders that are overdue
    or late are asked.
    """
    heard = Q(version=1) | Q(told_at__isnull=False) | Q(source=Promise.Source.CUSTOMER)
    holds = Promise.objects.filter(heard, order=OuterRef("pk"), breaks_at__gt=at)
    in_danger = Q(next_due_at__lt=at) | Q(service_status=Order.Service.LATE)
    return open_orders.filter(~Exists(holds), in_danger, pickup=False)


def at_risk(open_orders: QuerySet[Order], at: datetime) -> QuerySet[Order]:
    """Keep the orders whose promise is in danger and not broken so far."""
    return open_orders.filter(service_status=Order.Service.AT_RISK)


def _count(rows: QuerySet[Order]) -> int:
    return rows.order_by()[: COUNT_AT_MOST + 1].count()
