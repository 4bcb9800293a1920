"""Pieces of an order are missing: which, why, and where she chooses what we shall do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, gettext_lazy, ngettext

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, missing_of
from notifications.messages.words import Line
from notifications.rules import standing
from orders.messages.missing import CAUSES
from orders.models import Unavailability


@dataclass(frozen=True)
class Unavailable:
    """What the notice says."""

    first_name: str
    number: str
    summary: str
    lines: tuple[Line, ...]
    why: str
    phone: str
    url: str


def to(cases: list[Unavailability]) -> Recipient:
    """Tell who ordered."""
    return buyer(cases[0].order)


def context(cases: list[Unavailability], at: datetime) -> Unavailable:
    """Collect what the notice says.  A fresh secret link, no other query."""
    order = cases[0].order
    pieces = sum(case.quantity for case in cases)
    causes = dict.fromkeys(str(CAUSES[Unavailability.Cause(case.cause)]) for case in cases)
    return Unavailable(
        first_name=words.first_name(order.full_name),
        number=order.number,
        summary=ngettext("a piece is missing", "some pieces are missing", pieces),
        lines=tuple(Line(case.quantity, case.line.title, case.line.options_label) for case in cases),
        why=" ".join(causes) + " " + gettext("That is our mistake, and we are sorry."),
        phone=settings.CARE_PHONE,
        url=words.tracking_url(order, at),
    )


KIND = Kind(
    name="unavailable",
    event="orders.order.pieces-missing",
    says=gettext_lazy("A piece is missing: which, why, and where to choose what we shall do"),
    audience="who ordered",
    find=missing_of,
    to=to,
    context=context,
    outdated=standing.while_she_has_to_choose,
    must_say=("number", "why"),
)
