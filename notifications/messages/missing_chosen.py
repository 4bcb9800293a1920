"""What she chose about a missing piece, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, missing_of
from notifications.rules import standing
from orders.messages.missing import chosen_sentence
from orders.models import Unavailability


@dataclass(frozen=True)
class MissingChosen:
    """What the notice says."""

    first_name: str
    number: str
    chosen: str
    phone: str
    url: str


def to(cases: list[Unavailability]) -> Recipient:
    """Tell who ordered."""
    return buyer(cases[0].order)


def context(cases: list[Unavailability], at: datetime) -> MissingChosen:
    """Collect what the notice says.  A fresh secret link and at most two queries."""
    case = cases[0]
    return MissingChosen(
        first_name=words.first_name(case.order.full_name),
        number=case.order.number,
        chosen=chosen_sentence(case),
        phone=settings.CARE_PHONE,
        url=words.tracking_url(case.order, at),
    )


KIND = Kind(
    name="missing_chosen",
    event="orders.order.missing-chosen",
    says=gettext_lazy("What was chosen about a missing piece, and what comes of it"),
    audience="who ordered",
    find=missing_of,
    to=to,
    context=context,
    outdated=standing.while_not_cancelled,
    must_say=("chosen",),
)
