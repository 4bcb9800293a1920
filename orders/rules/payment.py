"""Rules about money that comes and goes: when work may start, and what an order's payment status is.

Source: commerce reference d.4.
"""

from __future__ import annotations

# Working days until money that is not here yet usually arrives; the workshop starts then.
# A SEPA credit transfer takes one banking day (Directive (EU) 2015/2366 art. 83).
PAYMENT_DAYS = {"bank_transfer": 1, "cash_on_delivery": 0, "test_card": 0}


def payment_days(provider: str) -> int:
    """Return how many working days the start waits for the money.  Raises KeyError for an unknown way to pay."""
    return PAYMENT_DAYS[provider]


def paid_status(*, provider: str, due_minor: int, captured_minor: int, refunded_minor: int) -> str:
    """Return the payment status of an order from its balances (a value of Order.Paid)."""
    if refunded_minor > 0:
        return "refunded" if refunded_minor >= captured_minor else "part_refunded"
    if captured_minor >= due_minor:
        return "paid"
    return "on_delivery" if provider == "cash_on_delivery" else "pending"
