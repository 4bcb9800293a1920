"""The parcel is packed and waits at our counter: where, when, and what to bring."""

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
class ReadyToCollect:
    """What the news says."""

    first_name: str
    number: str
    place: str
    hours: str
    lines: tuple[Line, ...]
    phone: str
    url: str


def to(parcel: Parcel) -> Recipient:
    """Tell who ordered."""
    return buyer(parcel.order)


def context(parcel: Parcel, at: datetime) -> ReadyToCollect:
    """Collect what the news says.  One query and a fresh secret link."""
    return ReadyToCollect(
        first_name=words.first_name(parcel.order.full_name),
        number=parcel.order.number,
        place=", ".join(settings.PICKUP_ADDRESS),
        hours=gettext(settings.PICKUP_HOURS),
        lines=words.parcel_lines(parcel),
        phone=settings.CARE_PHONE,
        url=words.tracking_url(parcel.order, at),
    )


KIND = Kind(
    name="ready_to_collect",
    event="orders.parcel.ready-to-collect",
    says=gettext_lazy("It waits at our counter: where and when to collect it"),
    audience="who ordered",
    find=parcel_of,
    to=to,
    context=context,
    outdated=standing.while_packed,
    must_say=("place", "hours"),
)
