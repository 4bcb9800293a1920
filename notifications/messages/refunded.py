"""What the two messages about a refund share: that it was granted, and that it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notifications.messages import words
from notifications.messages.kind import Recipient
from notifications.messages.sources import buyer
from orders.models import Payment, RefundGrant


@dataclass(frozen=True)
class RefundNotice:
    """What the notice says."""

    first_name: str
    number: str
    amount: str
    reason: str
    to_card: bool
    url: str


def to(grant: RefundGrant) -> Recipient:
    """Tell who ordered."""
    return buyer(grant.payment.order)


def context(grant: RefundGrant, at: datetime) -> RefundNotice:
    """Collect what the notice says.  A fresh secret link, no other query."""
    order = grant.payment.order
    return RefundNotice(
        first_name=words.first_name(order.full_name),
        number=order.number,
        amount=words.money(grant.amount_minor, grant.payment.currency),
        reason=grant.reason,
        to_card=grant.payment.provider == Payment.Provider.TEST_CARD,
        url=words.tracking_url(order, at),
    )
