"""Withdrawals from contracts: until when there is a button, and how many wait for us."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q

from orders.models import Order, RefundGrant
from returns.models import ReturnCase, Withdrawal
from returns.queries.lines import shop_day
from returns.rules import policy
from shop.rules.money import Money
from shop.todo import count_up_to_most


def last_day_to_withdraw(order: Order) -> date | None:
    """Return the last day to withdraw from an order, on the shop's clock; None while it has not begun.  No query."""
    return policy.may_withdraw_until(delivered_on=shop_day(order.delivered_at) if order.delivered_at else None)


def open_withdrawals(order: Order) -> list[Withdrawal]:
    """Return the withdrawals from an order that are not settled and name their pieces, oldest first.  One query."""
    rows = Withdrawal.objects.filter(order=order, settled_at=None).exclude(units=[])
    return list(rows.order_by("id"))


def withdrawals_before_packing(order: Order) -> list[Withdrawal]:
    """Return what nobody has dealt with under an order's number, oldest first, also from an address that is not hers.

    Such a one moves nothing, but who packs should know that somebody said so.  One query on partial indexes.
    """
    said = Q(order=order) | Q(order=None, order_number__iexact=order.number)
    return list(Withdrawal.objects.filter(said, settled_at=None).order_by("id"))


def case_of_withdrawal(withdrawal: Withdrawal) -> ReturnCase | None:
    """Return the newest return a withdrawal opened, or the one before it did when it was stated twice.  Two queries."""
    own = withdrawal.cases.order_by("-id").first()
    if own or withdrawal.outcome not in {Withdrawal.Outcome.RETURN, Withdrawal.Outcome.PARTLY}:
        return own
    rows = ReturnCase.objects.filter(order=withdrawal.order, withdrawal__isnull=False, withdrawal_id__lt=withdrawal.pk)
    return rows.order_by("-id").first()


def paid_back(withdrawal: Withdrawal) -> Money | None:
    """Return what goes back of an order that a withdrawal cancelled; None when nothing was paid, or nothing cancelled.

    One or two queries.
    """
    if withdrawal.outcome != Withdrawal.Outcome.CANCELLED or withdrawal.order is None:
        return None
    grant = RefundGrant.objects.filter(origin=f"orders.cancel:{withdrawal.order_id}").order_by("id").first()
    return Money(grant.amount_minor, withdrawal.order.currency) if grant else None


def count_open_withdrawals(at: datetime) -> int:
    """Return how many withdrawals nobody has dealt with yet.  One query on a partial index."""
    return count_up_to_most(Withdrawal.objects.filter(settled_at=None))
