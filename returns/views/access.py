"""Whose return is it?  Everything a shopper sees goes through the secret link of her order."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404

from orders.models import Order
from orders.operations.access import LinkUnknown, order_of_link
from returns.models import ReturnCase
from returns.queries.cases import case_of


def order_or_404(*, token: str, at: datetime) -> Order:
    """Return the order the token opens.  Raises Http404 for any other."""
    try:
        return order_of_link(token=token, at=at)
    except LinkUnknown:
        raise Http404 from None


def case_or_404(*, order: Order, number: str) -> ReturnCase:
    """Return the order's own return of that number.  Raises Http404, also for one of somebody else."""
    case = case_of(order=order, number=number)
    if case is None:
        raise Http404
    return case
