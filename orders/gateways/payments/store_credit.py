"""An order paid with store credit alone: the ledger moves it, nobody else is asked."""

from __future__ import annotations

from orders.gateways.payments.protocol import Answer, Bill, NoPage, PaidLater, PayOutByHand
from shop.rules.money import Money


class AllCredit(NoPage):
    """No provider at all."""

    def charge(self, bill: Bill) -> Answer:
        """Ask for nothing: what the order costs was taken from the account when it was prepared."""
        return PaidLater()

    def refund(self, *, key: str, charge_reference: str, amount: Money) -> str:
        """Refuse: what was paid with credit goes back as credit.  Raises PayOutByHand."""
        raise PayOutByHand
