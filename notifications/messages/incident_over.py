"""A crisis she was told of is over; her day stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.incident_declared import days_now, of_exchange
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import CrisisNews, buyer, crisis_of
from notifications.rules import standing


@dataclass(frozen=True)
class CrisisOver:
    """What the all-clear says; `exchange` when it speaks of what goes in exchange alone."""

    first_name: str
    number: str
    what_happened: str
    now: str
    exchange: bool
    phone: str
    url: str


def to(news: CrisisNews) -> Recipient:
    """Tell who ordered."""
    return buyer(news.order)


def context(news: CrisisNews, at: datetime) -> CrisisOver:
    """Collect what the all-clear says.  A fresh secret link, no other query."""
    return CrisisOver(
        first_name=words.first_name(news.order.full_name),
        number=news.order.number,
        what_happened=news.version.said_in(words.language())[0],
        now=days_now(news),
        exchange=of_exchange(news),
        phone=settings.CARE_PHONE,
        url=words.tracking_url(news.order, at),
    )


KIND = Kind(
    name="incident_over",
    event="orders.order.incident-over",
    says=gettext_lazy("It is over, and her day stands"),
    audience="who was told of it and still waits",
    find=crisis_of,
    to=to,
    context=context,
    outdated=standing.while_date_stands,
    critical=False,
)
