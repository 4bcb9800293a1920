"""Something happened that touches her order: what, what it does to her day, what we do and what she can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import CrisisNews, buyer, crisis_of
from notifications.rules import standing
from orders.models import Order


@dataclass(frozen=True)
class CrisisTold:
    """What the notice says.  `promised` is empty when her day stands."""

    first_name: str
    number: str
    what_happened: str
    what_we_do: str
    as_of: str
    promised: str
    now: str
    look_again: str
    may_cancel: bool
    may_choose: bool
    answer_by: str
    phone: str
    url: str


def to(news: CrisisNews) -> Recipient:
    """Tell who ordered."""
    return buyer(news.order)


def context(news: CrisisNews, at: datetime) -> CrisisTold:
    """Collect what the notice says.  A fresh secret link, no other query."""
    order, delay = news.order, news.delay
    what_happened, what_we_do = news.version.said_in(words.language())
    return CrisisTold(
        first_name=words.first_name(order.full_name),
        number=order.number,
        what_happened=what_happened,
        what_we_do=what_we_do,
        as_of=words.local_day(news.version.made_at),
        promised=words.days(delay.broken_promise) if delay else "",
        now=words.days(news.holds),
        look_again=words.local_day(news.version.review_at),
        may_cancel=order.fulfilment_status == Order.Fulfilment.OPEN,
        may_choose=bool(delay) and order.fulfilment_status in {Order.Fulfilment.OPEN, Order.Fulfilment.PACKED},
        answer_by=words.local_time(delay.decide_by_at) if delay and delay.decide_by_at else "",
        phone=settings.CARE_PHONE,
        url=words.tracking_url(order, at),
    )


KIND = Kind(
    name="incident_declared",
    event="orders.order.incident-told",
    says=gettext_lazy("Something happened out there: what it does to her day, what we do, what she can do"),
    audience="who ordered",
    find=crisis_of,
    to=to,
    context=context,
    outdated=standing.while_date_stands,
    must_say=("what_happened", "now"),
)
