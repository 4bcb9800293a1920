"""Nothing new, and that is why we write: where the order stands, and when she hears of us next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, order_of
from notifications.rules import standing
from orders.models import Order, Parcel
from shop.models import Event


@dataclass(frozen=True)
class WhereItStands:
    """What the note says.  `now` is empty for an order without a promise."""

    first_name: str
    number: str
    stands: str
    now: str
    next_by: str
    phone: str
    url: str


@dataclass(frozen=True)
class Quietness:
    """An order nobody wrote about for some days, and by when the next word comes (ISO)."""

    order: Order
    next_by: str


def find(event: Event) -> Quietness:
    """Load the order.  One query."""
    return Quietness(order_of(event), event.payload.get("next_by", ""))


def to(quiet: Quietness) -> Recipient:
    """Tell who ordered."""
    return buyer(quiet.order)


def context(quiet: Quietness, at: datetime) -> WhereItStands:
    """Collect what the note says.  Two queries and a fresh secret link."""
    promise = words.promise_of(quiet.order)
    return WhereItStands(
        first_name=words.first_name(quiet.order.full_name),
        number=quiet.order.number,
        stands=_stands(quiet.order),
        now=words.days(promise) if promise else "",
        next_by=words.local_day(datetime.fromisoformat(quiet.next_by)) if quiet.next_by else "",
        phone=settings.CARE_PHONE,
        url=words.tracking_url(quiet.order, at),
    )


def _stands(order: Order) -> str:
    """Say in a sentence where it is, and what is not known."""
    if order.payment_status == Order.Paid.PENDING:
        return gettext("We wait for your bank transfer, and begin as soon as it is here.")
    if order.pickup and order.fulfilment_status == Order.Fulfilment.PACKED:
        return gettext("It is packed and waits for you at our counter.")
    if order.fulfilment_status == Order.Fulfilment.PACKED:
        return gettext("It is packed and waits for the courier's van.")
    if order.fulfilment_status == Order.Fulfilment.HANDED_OVER:
        return _on_the_road(order)
    return gettext("It is with us and being made ready.")


def _on_the_road(order: Order) -> str:
    heard = _last_scan(order)
    if heard is None:
        return gettext("It is with the courier, who has not told us of a stop so far; we keep asking.")
    return gettext("It is on its way. The last stop we heard of was on %(day)s.") % {"day": words.local_day(heard)}


def _last_scan(order: Order) -> Any:
    rows = Parcel.objects.filter(order=order, last_scan_at__isnull=False).order_by("-last_scan_at", "-id")
    return rows.values_list("last_scan_at", flat=True).first()


KIND = Kind(
    name="where_it_stands",
    event="notifications.silence.broken",
    says=gettext_lazy("Where the order stands, when nothing else was said for some days"),
    audience="who ordered and still waits",
    find=find,
    to=to,
    context=context,
    outdated=standing.while_not_arrived,
    critical=False,
)
