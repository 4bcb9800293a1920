"""Not paid yet: until when the pieces are held, and how to pay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext

from notifications.messages import words
from notifications.messages.kind import Kind
from notifications.messages.sources import buyer, order_of
from notifications.rules import standing
from orders.models import Order, Payment
from orders.operations.access import issue_link


@dataclass(frozen=True)
class PaymentReminder:
    """What the reminder says."""

    first_name: str
    number: str
    amount: str
    until: str
    by_transfer: bool
    account_name: str
    iban: str
    bic: str
    url: str


def context(order: Order, at: datetime) -> PaymentReminder:
    """Collect what the reminder says.  A fresh secret link, no other query."""
    payment = order.payment
    return PaymentReminder(
        first_name=words.first_name(order.full_name),
        number=order.number,
        amount=words.money(payment.open_minor, order.currency),
        until=words.local_time(payment.expires_at) if payment.expires_at else "",
        by_transfer=payment.provider == Payment.Provider.BANK_TRANSFER,
        account_name=settings.SHOP_LEGAL_NAME,
        iban=settings.SHOP_IBAN,
        bic=settings.SHOP_BIC,
        url=words.page("orders:thanks", issue_link(order=order, at=at)),
    )


def unwanted(order: Order) -> str:
    """Once it is paid, or no longer an order, nobody needs it."""
    waits = order.status in {Order.Status.PLACING, Order.Status.PLACED}
    if waits and order.payment.open_minor:
        return ""
    return gettext("It was paid or let go meanwhile.")


KIND = Kind(
    name="payment_reminder",
    event="orders.payment.reminded",
    says="We still hold it for you; here is how to pay",
    audience="who ordered and has not paid",
    find=order_of,
    to=buyer,
    context=context,
    unwanted=unwanted,
    outdated=standing.while_unpaid,
    critical=False,
)
