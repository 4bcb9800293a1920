"""What every payment provider can be asked."""

from __future__ import annotations

from typing import Protocol

from shop.rules.money import Money


class Declined(Exception):
    """The provider said no, for good; no money moved."""


class OutcomeUnknown(Exception):
    """The provider did not answer: money may or may not have moved.  Ask again under the same key."""


class PayOutByHand(Exception):
    """This way of paying cannot send money back by itself; a person must."""


class PaymentGateway(Protocol):
    """One provider.  Both calls are idempotent by `key`: asked again, the provider repeats its first answer."""

    def charge(self, *, key: str, token: str, amount: Money) -> str | None:
        """Ask for money and return the provider's reference; None when the money comes later by itself.

        `token` stands for the means of payment, never the card number.  Raises Declined, OutcomeUnknown.
        """

    def refund(self, *, key: str, charge_reference: str, amount: Money) -> str:
        """Send money back and return the provider's reference.  Raises Declined, OutcomeUnknown, PayOutByHand."""
