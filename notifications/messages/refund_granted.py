"""We give money back: how much, for what, when it can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, refund_of
from notifications.rules import standing
from orders.models import Payment, RefundGrant


@dataclass(frozen=True)
class RefundGranted:
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


def context(grant: RefundGrant, at: datetime) -> RefundGranted:
    """Collect what the notice says.  A fresh secret link, no other query."""
    order = grant.payment.order
    return RefundGranted(
        first_name=words.first_name(order.full_name),
        number=order.number,
        amount=words.money(grant.amount_minor, grant.payment.currency),
        reason=grant.reason,
        to_card=grant.payment.provider == Payment.Provider.TEST_CARD,
        url=words.tracking_url(order, at),
    )


def unwanted(grant: RefundGrant) -> str:
    """A cancelled order and a settled return have notices that name the money themselves."""
    if grant.origin.startswith(("orders.cancel:", "returns.case:")):
        return gettext("The notice of the cancelled order or the settled return says so.")
    return ""


KIND = Kind(
    name="refund_granted",
    event="orders.refund.granted",
    says="We give money back",
    audience="who ordered",
    find=refund_of,
    to=to,
    context=context,
    unwanted=unwanted,
    outdated=standing.while_refund_waits,
)
