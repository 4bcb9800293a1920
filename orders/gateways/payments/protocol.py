"""What every payment provider can be asked, and what it may answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shop.rules.money import Money


class Declined(Exception):
    """The provider said no, for good; no money moved."""


class Gone(Exception):
    """The payment page is closed and nothing was paid on it."""


class OutcomeUnknown(Exception):
    """The provider did not answer: money may or may not have moved.  Ask again under the same key."""


class PayOutByHand(Exception):
    """This way of paying cannot send money back by itself; a person must."""


@dataclass(frozen=True)
class Bill:
    """What is asked for.  Asked again under the same `key`, everything in it is the same again.

    `token` stands for the means of payment, never the card number.  The shopper comes back to `back_url` when she paid
    on a page of the provider's, to `give_up_url` when she did not; that page closes at `until`.
    """

    key: str
    amount: Money
    token: str
    order_number: str
    email: str
    words: str
    locale: str
    back_url: str
    give_up_url: str
    until: datetime


@dataclass(frozen=True)
class Paid:
    """The money is ours; `reference` is the provider's and the one to refund from."""

    reference: str


@dataclass(frozen=True)
class PaidLater:
    """The money comes by itself, by transfer or at the door: the order stands without it."""


@dataclass(frozen=True)
class OnPage:
    """The shopper pays on the provider's page; `url` is empty while her bank still thinks about it."""

    reference: str
    url: str
    until: datetime


Answer = Paid | PaidLater | OnPage


class PaymentGateway(Protocol):
    """One provider.  `charge` and `refund` are idempotent by key: asked again, it repeats its first answer."""

    def charge(self, bill: Bill) -> Answer:
        """Ask for money.  Raises Declined, OutcomeUnknown."""

    def look(self, reference: str) -> Answer:
        """Ask how it stands with a payment page.  Raises Gone, OutcomeUnknown."""

    def close(self, reference: str) -> Answer:
        """Close a payment page, so that nothing more is paid on it.

        Returns Paid when somebody paid a moment before.  Raises Gone when it is closed, OutcomeUnknown.
        """

    def refund(self, *, key: str, charge_reference: str, amount: Money) -> str:
        """Send money back and return the provider's reference.  Raises Declined, OutcomeUnknown, PayOutByHand."""


class NoPage:
    """A provider without a page of its own."""

    def look(self, reference: str) -> Answer:
        """Refuse: there is no page.  Raises Gone."""
        raise Gone

    def close(self, reference: str) -> Answer:
        """Refuse: there is no page.  Raises Gone."""
        raise Gone
