"""The courier brings it today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, scan_of
from notifications.messages.words import Line
from notifications.rules import standing
from orders.messages.words import comes
from orders.models import TrackingEvent


@dataclass(frozen=True)
class OutForDelivery:
    """What the news says."""

    first_name: str
    number: str
    today: str
    lines: tuple[Line, ...]
    courier_note: str
    phone: str
    hours: str
    url: str


def to(scan: TrackingEvent) -> Recipient:
    """Tell who ordered."""
    return buyer(scan.parcel.order)


def context(scan: TrackingEvent, at: datetime) -> OutForDelivery:
    """Collect what the news says.  One query and a fresh secret link."""
    order = scan.parcel.order
    return OutForDelivery(
        first_name=words.first_name(order.full_name),
        number=order.number,
        today=words.local_day(scan.occurred_at),
        lines=words.parcel_lines(scan.parcel),
        courier_note=order.courier_note,
        phone=order.phone,
        hours=comes(order.window),
        url=words.tracking_url(order, at),
    )


KIND = Kind(
    name="out_for_delivery",
    event="orders.parcel.out-for-delivery",
    says=gettext_lazy("The courier brings it today"),
    audience="who ordered",
    find=scan_of,
    to=to,
    context=context,
    outdated=standing.while_on_its_way_today,
    critical=False,
    optional=True,
    any_hour=True,
)
