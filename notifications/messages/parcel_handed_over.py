"""The parcel is with the courier: what is inside, what is still to come, when it arrives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, parcel_of
from notifications.messages.words import Line
from notifications.rules import standing
from orders.messages.words import comes
from orders.models import Parcel
from orders.queries.couriers import carrier_name


@dataclass(frozen=True)
class ParcelHandedOver:
    """What the news says."""

    first_name: str
    number: str
    lines: tuple[Line, ...]
    still_to_come: tuple[Line, ...]
    carrier: str
    tracking_number: str
    arrives: str
    hours: str
    url: str


def to(parcel: Parcel) -> Recipient:
    """Tell who ordered."""
    return buyer(parcel.order)


def context(parcel: Parcel, at: datetime) -> ParcelHandedOver:
    """Collect what the news says.  Four queries and a fresh secret link."""
    promise = words.promise_of(parcel.order)
    return ParcelHandedOver(
        first_name=words.first_name(parcel.order.full_name),
        number=parcel.order.number,
        lines=words.parcel_lines(parcel),
        still_to_come=words.still_to_come(parcel),
        carrier=carrier_name(parcel.carrier),
        tracking_number=parcel.tracking_number,
        arrives=words.days(promise) if promise else "",
        hours=comes(parcel.order.window),
        url=words.tracking_url(parcel.order, at),
    )


def unwanted(parcel: Parcel) -> str:
    """Nobody needs the courier's news of a parcel she collects: another notice, or her own hands, tell her."""
    return gettext("She collects it herself.") if parcel.order.pickup else ""


KIND = Kind(
    name="parcel_handed_over",
    event="orders.parcel.handed-over",
    says=gettext_lazy("It is on its way: what is inside, what is still to come"),
    audience="who ordered",
    find=parcel_of,
    to=to,
    unwanted=unwanted,
    context=context,
    outdated=standing.while_on_its_way,
    must_say=("arrives",),
)
