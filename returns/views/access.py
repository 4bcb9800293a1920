"""Whose return is it?  A shopper reaches it by the secret link of her order (orders.views.secret_page) alone."""

from __future__ import annotations

from django.http import Http404

from orders.models import Order
from returns.models import ReturnCase
from returns.queries.cases import case_of


def case_or_404(*, order: Order, number: str) -> ReturnCase:
    """Return the order's own return of that number.  Raises Http404, also for one of somebody else."""
    case = case_of(order=order, number=number)
    if case is None:
        raise Http404
    return case
