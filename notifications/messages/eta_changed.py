"""It comes on another day than she knows, and still within the promise: often earlier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import News, buyer, news_of
from notifications.rules import standing


@dataclass(frozen=True)
class EtaChanged:
    """What the news says."""

    first_name: str
    number: str
    known: str
    now: str
    earlier: bool
    phone: str
    url: str


def to(news: News) -> Recipient:
    """Tell who ordered."""
    return buyer(news.order)


def context(news: News, at: datetime) -> EtaChanged:
    """Collect what the news says.  A fresh secret link, no other query."""
    return EtaChanged(
        first_name=words.first_name(news.order.full_name),
        number=news.order.number,
        known=words.days(news.before),
        now=words.days(news.now),
        earlier=news.now.deliver_by_on < news.before.deliver_by_on,
        phone=settings.CARE_PHONE,
        url=words.tracking_url(news.order, at),
    )


KIND = Kind(
    name="eta_changed",
    event="orders.order.eta-changed",
    says="It comes on another day within the promise, often earlier",
    audience="who ordered",
    find=news_of,
    to=to,
    context=context,
    outdated=standing.while_date_stands,
    critical=False,
)
