"""The money of a bank transfer has come.  Cards and cash need no such notice: she was there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient, Topic
from notifications.messages.sources import buyer, order_of
from orders.models import Order, Payment
from shop.models import Event


@dataclass(frozen=True)
class Received:
    """An order and the amount that came for it."""

    order: Order
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class PaymentReceived:
    """What the receipt says."""

    first_name: str
    number: str
    amount: str
    missing: str
    arrives: str
    url: str


def find(event: Event) -> Received:
    """Return the order and the amount.  One query."""
    order = order_of(event)
    return Received(order, event.payload["amount_minor"], event.payload.get("currency") or order.currency)


def to(source: Received) -> Recipient:
    """Tell who ordered."""
    return buyer(source.order)


def context(source: Received, at: datetime) -> PaymentReceived:
    """Collect what the receipt says.  One query and a fresh secret link."""
    promise, payment = words.promise_of(source.order), source.order.payment
    missing = payment.open_minor
    return PaymentReceived(
        first_name=words.first_name(source.order.full_name),
        number=source.order.number,
        amount=words.money(source.amount_minor, source.currency),
        missing=words.money(missing, source.currency) if missing > 0 else "",
        arrives=words.days(promise) if promise and missing <= 0 else "",
        url=words.tracking_url(source.order, at),
    )


def unwanted(source: Received) -> str:
    """Only a payment that came later than the order is news."""
    if source.order.payment.provider == Payment.Provider.BANK_TRANSFER:
        return ""
    return gettext("It was paid while ordering or at the door; the thanks said so.")


KIND = Kind(
    name="payment_received",
    event="orders.payment.received",
    says=gettext_lazy("Your transfer has arrived"),
    audience="who ordered and paid by transfer",
    find=find,
    to=to,
    context=context,
    unwanted=unwanted,
    topic=Topic.MONEY,
    must_say=("amount",),
)
