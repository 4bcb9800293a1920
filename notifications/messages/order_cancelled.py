"""The order is cancelled: by whom, and what becomes of the money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy

from notifications.messages import refunded, words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, order_of
from notifications.messages.words import Line
from orders.models import Order, OrderLine
from shop.models import Event


@dataclass(frozen=True)
class Cancelled:
    """A cancelled order and who cancelled it."""

    order: Order
    by_customer: bool
    unpaid: bool = False
    came_back: bool = False


@dataclass(frozen=True)
class OrderCancelled:
    """What the notice says; `ways` says in a sentence for each way how much of the money goes there."""

    first_name: str
    number: str
    by_customer: bool
    unpaid: bool
    came_back: bool
    lines: tuple[Line, ...]
    money_back: str
    ways: tuple[str, ...]
    url: str


def find(event: Event) -> Cancelled:
    """Return the order and who cancelled it.  One query."""
    whose = event.payload.get("by")
    return Cancelled(
        order_of(event),
        by_customer=whose == "customer",
        unpaid=whose == "unpaid",
        came_back=whose == "came-back",
    )


def to(source: Cancelled) -> Recipient:
    """Tell who ordered."""
    return buyer(source.order)


def context(source: Cancelled, at: datetime) -> OrderCancelled:
    """Collect what the notice says.  At most six queries and a fresh secret link.

    What was given back before the order was cancelled is told already.
    """
    order = source.order
    back = refunded.of_origin(f"orders.cancel:{order.pk}")
    rows = OrderLine.objects.filter(order=order).order_by("id")
    return OrderCancelled(
        first_name=words.first_name(order.full_name),
        number=order.number,
        by_customer=source.by_customer,
        unpaid=source.unpaid,
        came_back=source.came_back,
        lines=tuple(Line(row.quantity, row.title, row.options_label) for row in rows),
        money_back=words.money(back.amount_minor, order.currency) if back else "",
        ways=refunded.ways_of(back) if back else (),
        url=words.tracking_url(order, at),
    )


KIND = Kind(
    name="order_cancelled",
    event="orders.order.cancelled",
    says=gettext_lazy("Cancelled, and what becomes of the money"),
    audience="who ordered",
    find=find,
    to=to,
    context=context,
    any_hour=True,
)
