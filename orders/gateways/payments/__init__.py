"""How money is asked for and sent back, whoever the provider: one protocol, one module per provider.

Never call a gateway inside a transaction.  Source: commerce reference d.4, reliability reference D8.
"""

from __future__ import annotations

from django.conf import settings

from orders.gateways.payments.bank_transfer import BankTransfer
from orders.gateways.payments.cash_on_delivery import CashOnDelivery
from orders.gateways.payments.protocol import Declined, OutcomeUnknown, PaymentGateway, PayOutByHand
from orders.gateways.payments.test_card import TestCard, read_card

__all__ = [
    "Declined",
    "OutcomeUnknown",
    "PayOutByHand",
    "PaymentGateway",
    "gateway",
    "offered",
    "read_card",
]

_GATEWAYS: dict[str, PaymentGateway] = {
    "test_card": TestCard(),
    "bank_transfer": BankTransfer(),
    "cash_on_delivery": CashOnDelivery(),
}


def gateway(provider: str) -> PaymentGateway:
    """Return the gateway of a provider.  Raises KeyError for an unknown one."""
    return _GATEWAYS[provider]


def offered() -> tuple[str, ...]:
    """Return the ways to pay that this shop offers, in page order; the pretend card only in demo and tests."""
    return tuple(provider for provider in _GATEWAYS if provider != "test_card" or settings.TEST_CARD)
