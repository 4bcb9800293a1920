"""A fresh secret link, because she asked for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Lane, Topic
from notifications.messages.sources import buyer, order_of
from orders.models import Order
from orders.operations.access import LIFETIME


@dataclass(frozen=True)
class TrackingLink:
    """What the mail says."""

    first_name: str
    number: str
    arrives: str
    days: int  # how long the link opens without being used
    url: str


def context(order: Order, at: datetime) -> TrackingLink:
    """Collect what the mail says.  One query and a fresh secret link."""
    promise = words.promise_of(order)
    return TrackingLink(
        first_name=words.first_name(order.full_name),
        number=order.number,
        arrives=words.days(promise) if promise else "",
        days=LIFETIME.days,
        url=words.tracking_url(order, at),
    )


KIND = Kind(
    name="tracking_link",
    event="orders.link.requested",
    says=gettext_lazy("The link to your order"),
    audience="who ordered, and nobody else whoever asked",
    find=order_of,
    to=buyer,
    context=context,
    topic=Topic.ACCOUNT,
    lane=Lane.ASKED,
    any_hour=True,
    repeats=True,
)
