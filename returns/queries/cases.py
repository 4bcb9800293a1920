"""Return cases: of an order, by number, and how many wait for us."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from orders.models import Order
from returns.models import CaseLine, ReturnCase
from returns.rules.states import OPEN
from shop.todo import count_up_to_most


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


def orders_with_open_returns(order_ids: Collection[int]) -> set[int]:
    """Return which of these orders have a return that is not settled.  One query."""
    rows = ReturnCase.objects.filter(order__in=order_ids, status__in=OPEN)
    return set(rows.order_by("order_id").values_list("order_id", flat=True))


def count_our_turn(at: datetime) -> int:
    """Count the returns that wait for our answer or for their money.  One query over a partial index."""
    ours = [ReturnCase.Status.REQUESTED, ReturnCase.Status.RECEIVED]
    return count_up_to_most(ReturnCase.objects.filter(status__in=ours))
