"""Money that people bring: a transfer from the shopper's bank, or cash the courier takes.

Nothing to call.  The money is noted when it is here: from the bank's statement, or by staff.
"""

from __future__ import annotations

from orders.gateways.payments.protocol import Answer, Bill, NoPage, PaidLater, PayOutByHand
from shop.rules.money import Money


class ByHand(NoPage):
    """Bank transfer and cash on delivery."""

    def charge(self, bill: Bill) -> Answer:
        """Ask for nothing; the instructions stand on the page and in the mail."""
        return PaidLater()

    def refund(self, *, key: str, charge_reference: str, amount: Money) -> str:
        """Refuse: somebody makes the transfer and notes it.  Raises PayOutByHand."""
        raise PayOutByHand
