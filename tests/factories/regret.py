"""Faults of ours, what is given for them, and a month's budget."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from orders.models import Order
from support.models import Fault, GestureBudget, GesturePolicy
from support.models.regret import FaultKind
from support.rules.regret import month_of


def budget(month: date, *, minor: int = 20_000) -> GestureBudget:
    """What a month may cost."""
    row, _new = GestureBudget.objects.get_or_create(month_on=month_of(month), defaults={"budget_minor": minor})
    return row


def policy(kind: str = FaultKind.MISSING, **fields: Any) -> GesturePolicy:
    """Five euro for a kind of fault, unless told otherwise."""
    row, _new = GesturePolicy.objects.get_or_create(
        kind=kind, from_days=fields.pop("from_days", 0), defaults={"amount_minor": 500, **fields}
    )
    return row


def a_fault(order: Order, *, at: datetime, kind: str = FaultKind.MISSING, **fields: Any) -> Fault:
    """A fault that waits for its letter, with a gesture and a budget for it."""
    policy(kind)
    budget(at.date())
    return Fault.objects.create(key=f"{kind}:{order.pk}", kind=kind, order=order, found_at=at, due_at=at, **fields)
