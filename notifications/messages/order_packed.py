"""The parcel is packed and waits for the courier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Lane, Recipient
from notifications.messages.sources import buyer, parcel_of
from notifications.messages.words import Line
from notifications.rules import standing
from orders.models import Parcel


@dataclass(frozen=True)
class OrderPacked:
    """What the news says."""

    first_name: str
    number: str
    lines: tuple[Line, ...]
    hand_over_by: str
    arrives: str
    url: str


def to(parcel: Parcel) -> Recipient:
    """Tell who ordered."""
    return buyer(parcel.order)


def context(parcel: Parcel, at: datetime) -> OrderPacked:
    """Collect what the news says.  Two queries and a fresh secret link."""
    promise = words.promise_of(parcel.order)
    return OrderPacked(
        first_name=words.first_name(parcel.order.full_name),
        number=parcel.order.number,
        lines=words.parcel_lines(parcel),
        hand_over_by=words.local_day(promise.hand_over_by_at) if promise else "",
        arrives=words.days(promise) if promise else "",
        url=words.tracking_url(parcel.order, at),
    )


KIND = Kind(
    name="order_packed",
    event="orders.parcel.packed",
    says=gettext_lazy("It is packed"),
    audience="who ordered",
    find=parcel_of,
    to=to,
    context=context,
    outdated=standing.while_packed,
    critical=False,
    optional=True,
    small=True,
    lane=Lane.SMALL,
    must_say=("arrives",),
)
