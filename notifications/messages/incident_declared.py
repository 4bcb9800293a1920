"""Something happened that touches her order: what, what it does to her day, what we do and what she can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import CrisisNews, buyer, crisis_of, may_cancel
from notifications.messages.words import Line
from notifications.rules import standing
from orders.models import Order


@dataclass(frozen=True)
class ParcelLater:
    """One parcel on days of its own: what it was to be, what it is now, and what is inside."""

    promised: str
    now: str
    lines: tuple[Line, ...]
    exchange: bool


@dataclass(frozen=True)
class CrisisTold:
    """What the notice says.

    `promised` is empty when the order's day stands; `one_parcel` when only parcels move, `exchange` when nothing but
    what goes in exchange is spoken of.
    """

    first_name: str
    number: str
    what_happened: str
    what_we_do: str
    as_of: str
    promised: str
    now: str
    parcels: tuple[ParcelLater, ...]
    one_parcel: bool
    exchange: bool
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
    """Collect what the notice says.  A fresh secret link, one query, and one for each parcel on days of its own."""
    order, delay, parcels = news.order, news.delay, later_parcels(news)
    what_happened, what_we_do = news.version.said_in(words.language())
    return CrisisTold(
        first_name=words.first_name(order.full_name),
        number=order.number,
        what_happened=what_happened,
        what_we_do=what_we_do,
        as_of=words.local_day(news.version.made_at),
        promised=words.days(delay.broken_promise) if delay else "",
        now=days_now(news),
        parcels=parcels,
        one_parcel=bool(parcels) and not delay,
        exchange=of_exchange(news),
        look_again=words.local_day(news.version.review_at),
        may_cancel=may_cancel(order),
        may_choose=bool(delay) and order.fulfilment_status in {Order.Fulfilment.OPEN, Order.Fulfilment.PACKED},
        answer_by=words.local_time(delay.decide_by_at) if delay and delay.decide_by_at else "",
        phone=settings.CARE_PHONE,
        url=words.tracking_url(order, at),
    )


def days_now(news: CrisisNews) -> str:
    """Return when it comes, by the promise; by the parcels on days of their own when the event names only those."""
    if news.delay or not news.plans:
        return words.days(news.holds)
    return words.days(max((now for _before, now in news.plans), key=lambda plan: (plan.deliver_by_on, plan.pk)))


def of_exchange(news: CrisisNews) -> bool:
    """Say whether the days told are those of exchanges alone."""
    return not news.delay and bool(news.plans) and all(now.parcel.due_at for _before, now in news.plans)


def later_parcels(news: CrisisNews) -> tuple[ParcelLater, ...]:
    """Return the parcels on days of their own whose days move."""
    return tuple(
        ParcelLater(words.days(before), words.days(now), words.parcel_lines(now.parcel), now.parcel.due_at is not None)
        for before, now in news.plans
        if before.pk != now.pk
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
