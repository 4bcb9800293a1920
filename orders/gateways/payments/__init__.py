"""How money is asked for and sent back, whoever the provider: one protocol, one module per provider.

Never call a gateway inside a transaction.  Source: commerce reference d.4, reliability reference D8.
"""

from __future__ import annotations

from django.conf import settings

from orders.gateways.payments.by_hand import ByHand
from orders.gateways.payments.protocol import (
    Answer,
    Bill,
    Declined,
    Gone,
    OnPage,
    OutcomeUnknown,
    Paid,
    PaidLater,
    PaymentGateway,
    PayOutByHand,
)
from orders.gateways.payments.store_credit import AllCredit
from orders.gateways.payments.stripe_checkout import StripeCheckout
from orders.gateways.payments.test_card import TestCard, read_card

__all__ = [
    "Answer",
    "Bill",
    "Declined",
    "Gone",
    "OnPage",
    "OutcomeUnknown",
    "Paid",
    "PaidLater",
    "PayOutByHand",
    "PaymentGateway",
    "gateway",
    "offered",
    "read_card",
]

_GATEWAYS: dict[str, PaymentGateway] = {
    "test_card": TestCard(),
    "stripe": StripeCheckout(),
    "bank_transfer": ByHand(),
    "cash_on_delivery": ByHand(),
    "store_credit": AllCredit(),
}


def gateway(provider: str) -> PaymentGateway:
    """Return the gateway of a provider.  Raises KeyError for an unknown one."""
    return _GATEWAYS[provider]


def offered() -> tuple[str, ...]:
    """Return the ways to pay that this shop offers, in page order.

    The pretend card only in demo and tests, a real one once Stripe's key is entered.
    """
    wanted = {
        "test_card": settings.TEST_CARD,
        "stripe": bool(settings.STRIPE_SECRET_KEY),
        "bank_transfer": True,
        "cash_on_delivery": True,
    }
    return tuple(provider for provider, on in wanted.items() if on)
