"""Withdrawals from contracts: until when there is a button, and how many wait for us."""

from __future__ import annotations

from datetime import date, datetime

from orders.models import Order
from returns.models import Withdrawal
from returns.queries.lines import shop_day
from returns.rules import policy
from shop.todo import count_up_to_most


def last_day_to_withdraw(order: Order) -> date | None:
    """Return the last day to withdraw from an order, on the shop's clock; None while it has not begun.  No query."""
    return policy.may_withdraw_until(delivered_on=shop_day(order.delivered_at) if order.delivered_at else None)


def count_open_withdrawals(at: datetime) -> int:
    """Return how many withdrawals nobody has dealt with yet.  One query on a partial index."""
    return count_up_to_most(Withdrawal.objects.filter(settled_at=None))
