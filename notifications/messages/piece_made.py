"""What she ordered was made for her: the one milestone between the order and the parcel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Lane, Recipient
from notifications.messages.sources import buyer, parcel_of
from notifications.messages.words import Line
from notifications.rules import standing
from orders.models import Parcel


@dataclass(frozen=True)
class PieceMade:
    """What the news says; `lines` are the pieces that had to be made, without what lay on the shelf."""

    first_name: str
    number: str
    lines: tuple[Line, ...]
    arrives: str
    url: str


def to(parcel: Parcel) -> Recipient:
    """Tell who ordered."""
    return buyer(parcel.order)


def context(parcel: Parcel, at: datetime) -> PieceMade:
    """Collect what the news says.  Two queries and a fresh secret link."""
    promise = words.promise_of(parcel.order)
    return PieceMade(
        first_name=words.first_name(parcel.order.full_name),
        number=parcel.order.number,
        lines=made_lines(parcel),
        arrives=words.days(promise) if promise else "",
        url=words.tracking_url(parcel.order, at),
    )


def made_lines(parcel: Parcel) -> tuple[Line, ...]:
    """Return what of a parcel had to be made.  One query."""
    rows = parcel.lines.filter(line__making_days__gt=0).select_related("line").order_by("id")
    return tuple(Line(row.quantity, row.line.title, row.line.options_label) for row in rows)


def unwanted(parcel: Parcel) -> str:
    """Hold it back when everything lay on the shelf: then nobody waited for the workshop.  One query."""
    return "" if made_lines(parcel) else gettext("Nothing in it had to be made.")


KIND = Kind(
    name="piece_made",
    event="orders.parcel.made",
    says=gettext_lazy("What we make for you is made"),
    audience="who ordered something that has to be made",
    find=parcel_of,
    to=to,
    context=context,
    unwanted=unwanted,
    outdated=standing.while_not_packed,
    critical=False,
    optional=True,
    small=True,
    lane=Lane.SMALL,
)
