"""Let a staged change of an order go.  Apart, because cancelling an order does it, too."""

from __future__ import annotations

from datetime import datetime

from orders.models import Order, OrderChange
from shop.operations import stock


def withdraw(change: OrderChange, *, at: datetime) -> None:
    """Withdraw a staged change and free the pieces it held; call with its order locked."""
    stock.free(holder=change.holder)
    change.state, change.settled_at = OrderChange.State.WITHDRAWN, at
    change.save(update_fields=["state", "settled_at"])


def withdraw_staged(order: Order, *, at: datetime) -> None:
    """Withdraw what is staged for an order that is over; one that is being paid is refused when its money comes."""
    for change in OrderChange.objects.filter(order=order, state=OrderChange.State.STAGED).order_by("id"):
        withdraw(change, at=at)
