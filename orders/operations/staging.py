"""Let a staged change of an order go.  Apart, because cancelling an order does it, too."""

from __future__ import annotations

from datetime import datetime

from orders.models import Order, OrderChange
from orders.queries.changing import open_change
from orders.rules.changing import NotChangeable, Why
from shop.operations import stock


def make_way(order: Order, *, at: datetime) -> None:
    """Let the change that is staged for an order go, so that another can be; call with the order locked.

    Raises NotChangeable while one is being paid.
    """
    before = open_change(order.pk)
    if before is None:
        return
    if before.state == OrderChange.State.PAYING:
        raise NotChangeable(Why.BEING_PAID)
    withdraw(before, at=at)


def withdraw(change: OrderChange, *, at: datetime) -> None:
    """Withdraw a staged change and free the pieces it held; call with its order locked."""
    stock.free(holder=change.holder)
    change.settle(OrderChange.State.WITHDRAWN, at=at)
    change.save(update_fields=["state", "settled_at", "delivery"])


def withdraw_staged(order: Order, *, at: datetime) -> None:
    """Withdraw what is staged for an order that is over; one that is being paid is refused when its money comes."""
    for change in OrderChange.objects.filter(order=order, state=OrderChange.State.STAGED).order_by("id"):
        withdraw(change, at=at)
