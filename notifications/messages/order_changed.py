"""Sizes or pieces were changed: what it was, what it is now, what became of the difference, and when it comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, change_of
from notifications.rules import standing
from orders.messages.changes import Row, difference, made, offers_made
from orders.models import OrderChange, Payment


@dataclass(frozen=True)
class OrderChanged:
    """What the notice says."""

    first_name: str
    number: str
    rows: tuple[Row, ...]
    offers: tuple[str, ...]
    old_total: str
    new_total: str
    difference: str
    days: str
    missing: str
    account_name: str
    iban: str
    bic: str
    phone: str
    url: str


def to(change: OrderChange) -> Recipient:
    """Tell who ordered."""
    return buyer(change.order)


def context(change: OrderChange, at: datetime) -> OrderChanged:
    """Collect what the notice says.  A fresh secret link and one query."""
    order, payment = change.order, change.order.payment
    promise = words.promise_of(order)
    transfer = payment.provider == Payment.Provider.BANK_TRANSFER and payment.open_minor
    return OrderChanged(
        first_name=words.first_name(order.full_name),
        number=order.number,
        rows=made(change, order.currency),
        offers=offers_made(change, order.currency),
        old_total=words.money(change.old_total_minor, order.currency),
        new_total=words.money(change.new_total_minor, order.currency),
        difference=difference(change, payment),
        days=words.days(promise) if promise else "",
        missing=words.money(payment.open_minor, order.currency) if transfer else "",
        account_name=settings.SHOP_LEGAL_NAME,
        iban=settings.SHOP_IBAN,
        bic=settings.SHOP_BIC,
        phone=settings.CARE_PHONE,
        url=words.tracking_url(order, at),
    )


KIND = Kind(
    name="order_changed",
    event="orders.order.changed",
    says=gettext_lazy("Your order as it is now, after you changed sizes or pieces"),
    audience="who ordered",
    find=change_of,
    to=to,
    context=context,
    outdated=standing.while_not_cancelled,
    must_say=("new_total",),
)
