"""The payment page closed without a payment: nothing was charged, the bag is as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notifications.messages import words
from notifications.messages.kind import Kind
from notifications.messages.sources import buyer, order_of
from notifications.messages.words import Line
from orders.models import Order, OrderLine


@dataclass(frozen=True)
class OrderExpired:
    """What the notice says."""

    first_name: str
    number: str
    lines: tuple[Line, ...]
    url: str


def context(order: Order, at: datetime) -> OrderExpired:
    """Collect what the notice says.  One query."""
    rows = OrderLine.objects.filter(order=order).order_by("id")
    return OrderExpired(
        first_name=words.first_name(order.full_name),
        number=order.number,
        lines=tuple(Line(row.quantity, row.title, row.options_label) for row in rows),
        url=words.page("orders:bag"),
    )


KIND = Kind(
    name="order_expired",
    event="orders.order.expired",
    says="Not paid, so we let it go; your bag is as it was",
    audience="who ordered and did not pay",
    find=order_of,
    to=buyer,
    context=context,
    critical=False,
)
