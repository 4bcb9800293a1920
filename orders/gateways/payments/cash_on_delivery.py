"""Cash on delivery: the courier takes the money; staff note it when the courier has paid us."""

from __future__ import annotations

from orders.gateways.payments.protocol import PayOutByHand
from shop.rules.money import Money


class CashOnDelivery:
    """Nothing to call: the money changes hands at the door."""

    def charge(self, *, key: str, token: str, amount: Money) -> str | None:
        """Ask for nothing now."""
        return None

    def refund(self, *, key: str, charge_reference: str, amount: Money) -> str:
        """Refuse: a person arranges it with the shopper.  Raises PayOutByHand."""
        raise PayOutByHand
