"""Bank transfer: the shopper sends the money herself; staff note it when it is on our account."""

from __future__ import annotations

from orders.gateways.payments.protocol import PayOutByHand
from shop.rules.money import Money


class BankTransfer:
    """Nothing to call: no bank is connected."""

    def charge(self, *, key: str, token: str, amount: Money) -> str | None:
        """Ask for nothing; the instructions stand on the page and in the mail."""
        return None

    def refund(self, *, key: str, charge_reference: str, amount: Money) -> str:
        """Refuse: somebody makes the transfer and notes it.  Raises PayOutByHand."""
        raise PayOutByHand
