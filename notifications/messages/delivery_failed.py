"""The courier was there and could not deliver: what happened and what happens next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, scan_of
from notifications.rules import standing
from orders.models import TrackingEvent
from orders.queries.couriers import carrier_name


@dataclass(frozen=True)
class DeliveryFailed:
    """What the news says."""

    first_name: str
    number: str
    when: str
    why: str
    next_try: str
    carrier: str
    tracking_number: str
    address: tuple[str, ...]
    url: str


def to(scan: TrackingEvent) -> Recipient:
    """Tell who ordered."""
    return buyer(scan.parcel.order)


def context(scan: TrackingEvent, at: datetime) -> DeliveryFailed:
    """Collect what the news says.  A fresh secret link, no other query."""
    order = scan.parcel.order
    return DeliveryFailed(
        first_name=words.first_name(order.full_name),
        number=order.number,
        when=words.local_time(scan.occurred_at),
        why=_why(scan.reason),
        next_try=words.day(scan.eta_on) if scan.eta_on else "",
        carrier=carrier_name(scan.parcel.carrier),
        tracking_number=scan.parcel.tracking_number,
        address=words.address_lines(order),
        url=words.tracking_url(order, at),
    )


def _why(reason: str) -> str:
    sentences = {
        "not_home": gettext("Nobody opened the door."),
        "no_access": gettext("The courier could not get to your door."),
        "address": gettext("The courier could not find the address."),
        "refused": gettext("The parcel was not accepted at the door."),
        "payment_at_door": gettext("The payment at the door did not work out."),
        "weather": gettext("The weather was in the way."),
        "road_closed": gettext("A closed road was in the way."),
        "vehicle": gettext("The courier's vehicle broke down."),
        "strike": gettext("There is a strike at the courier."),
    }
    return sentences.get(reason, gettext("The courier did not tell us why."))


KIND = Kind(
    name="delivery_failed",
    event="orders.parcel.attempt-failed",
    says=gettext_lazy("The courier was there; this happens next"),
    audience="who ordered",
    find=scan_of,
    to=to,
    context=context,
    outdated=standing.while_on_its_way,
)
