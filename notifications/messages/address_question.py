"""The courier holds the parcel because the address is unclear: what is on the label, and what is missing?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, scan_of
from notifications.rules import standing
from orders.models import TrackingEvent
from orders.queries.couriers import carrier_name


@dataclass(frozen=True)
class AddressQuestion:
    """What the question says.  No moment: a courier that says it again asks nothing new."""

    first_name: str
    number: str
    carrier: str
    tracking_number: str
    address: tuple[str, ...]
    url: str


def to(scan: TrackingEvent) -> Recipient:
    """Ask who ordered."""
    return buyer(scan.parcel.order)


def context(scan: TrackingEvent, at: datetime) -> AddressQuestion:
    """Collect what the question says.  A fresh secret link, no other query."""
    order = scan.parcel.order
    return AddressQuestion(
        first_name=words.first_name(order.full_name),
        number=order.number,
        carrier=carrier_name(scan.parcel.carrier),
        tracking_number=scan.parcel.tracking_number,
        address=words.address_lines(order),
        url=words.tracking_url(order, at),
    )


KIND = Kind(
    name="address_question",
    event="orders.parcel.address-unclear",
    says=gettext_lazy("The courier does not find the address: what is missing?"),
    audience="who ordered",
    find=scan_of,
    to=to,
    context=context,
    outdated=standing.while_on_its_way,
)
