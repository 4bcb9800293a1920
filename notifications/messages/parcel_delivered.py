"""It has arrived: is everything as it should be?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, parcel_of
from notifications.messages.words import Line
from notifications.rules import standing
from orders.models import Parcel


@dataclass(frozen=True)
class ParcelDelivered:
    """What the news says."""

    first_name: str
    number: str
    arrived: str
    lines: tuple[Line, ...]
    still_to_come: tuple[Line, ...]
    return_days: int
    url: str


def to(parcel: Parcel) -> Recipient:
    """Tell who ordered."""
    return buyer(parcel.order)


def context(parcel: Parcel, at: datetime) -> ParcelDelivered:
    """Collect what the news says.  Three queries and a fresh secret link."""
    return ParcelDelivered(
        first_name=words.first_name(parcel.order.full_name),
        number=parcel.order.number,
        arrived=words.local_day(parcel.delivered_at or at),
        lines=words.parcel_lines(parcel),
        still_to_come=words.still_to_come(parcel),
        return_days=settings.RETURN_WINDOW_DAYS,
        url=words.tracking_url(parcel.order, at),
    )


def unwanted(parcel: Parcel) -> str:
    """Nobody needs the courier's news of a parcel she collects: another notice, or her own hands, tell her."""
    return gettext("She collects it herself.") if parcel.order.pickup else ""


KIND = Kind(
    name="parcel_delivered",
    event="orders.parcel.delivered",
    says=gettext_lazy("Arrived and happy?"),
    audience="who ordered",
    find=parcel_of,
    to=to,
    unwanted=unwanted,
    context=context,
    outdated=standing.while_delivered,
    optional=True,
)
