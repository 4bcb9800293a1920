"""Address, hours or days were changed: where it goes now, when it comes, and what became of the difference.

It goes to who ordered, whoever changed it: an address that somebody else changed does not stay unnoticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, delivery_change_of
from notifications.rules import standing
from orders.messages.changes import difference
from orders.messages.words import comes
from orders.models import OrderChange


@dataclass(frozen=True)
class DeliveryChanged:
    """What the notice says; both totals are empty when it costs the same."""

    first_name: str
    number: str
    place: str
    days: str
    hours: str
    old_total: str
    new_total: str
    difference: str
    phone: str
    url: str


def to(change: OrderChange) -> Recipient:
    """Tell who ordered."""
    return buyer(change.order)


def context(change: OrderChange, at: datetime) -> DeliveryChanged:
    """Collect what the notice says, as it stands on the order now.  A fresh secret link and one query."""
    order, promise = change.order, words.promise_of(change.order)
    moved = change.new_total_minor != change.old_total_minor
    return DeliveryChanged(
        first_name=words.first_name(order.full_name),
        number=order.number,
        place=", ".join(words.address_lines(order)),
        days=words.days(promise) if promise else "",
        hours=comes(order.window),
        old_total=words.money(change.old_total_minor, order.currency) if moved else "",
        new_total=words.money(change.new_total_minor, order.currency) if moved else "",
        difference=difference(change, order.payment) if moved else "",
        phone=settings.CARE_PHONE,
        url=words.tracking_url(order, at),
    )


KIND = Kind(
    name="delivery_changed",
    event="orders.order.delivery-changed",
    says=gettext_lazy("Where and when your order comes, after you changed it"),
    audience="who ordered",
    find=delivery_change_of,
    to=to,
    context=context,
    outdated=standing.while_not_cancelled,
    must_say=("place",),
)
