"""Return cases: of an order, by number, and the queue staff work from."""

from __future__ import annotations

from django.db.models import F, Prefetch, QuerySet

from orders.models import Order
from returns.models import CaseLine, ReturnCase
from returns.rules import states


def with_lines(cases: QuerySet[ReturnCase]) -> QuerySet[ReturnCase]:
    """Add everything a page about cases shows.  Two queries in all."""
    lines = CaseLine.objects.select_related(
        "reason", "order_line__variant", "exchange_variant", "exchange_line", "inspection"
    ).order_by("id")
    return cases.select_related("order__payment", "decided_by", "received_by", "settled_by").prefetch_related(
        Prefetch("lines", lines)
    )


def cases_of(*, order: Order) -> QuerySet[ReturnCase]:
    """Return the returns of one order, oldest first."""
    return ReturnCase.objects.filter(order=order).order_by("requested_at", "id")


def case_of(*, order: Order, number: str) -> ReturnCase | None:
    """Return one return of this very order; None for any other number, so that a stranger learns nothing."""
    return with_lines(cases_of(order=order).filter(number=number)).first()


def open_cases() -> QuerySet[ReturnCase]:
    """Return the open returns: the oldest promise first, then those that wait for the shopper's parcel."""
    rows = ReturnCase.objects.filter(status__in=states.OPEN)
    return rows.order_by(F("due_on").asc(nulls_last=True), "requested_at", "id")
