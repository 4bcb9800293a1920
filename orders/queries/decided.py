"""What people decided to give: refunds and gifts of store credit, for one order, and by one person within a day.

Source: reliability reference S3 (a sum cut into small ones is added up, by order and by day), T13.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from orders.models import CreditEntry, RefundGrant
from shop.models import User

A_DAY = timedelta(hours=24)


def given_for_order(order_id: int) -> int:
    """Return what people gave for an order (minor units).  Two queries."""
    refunds = _refunds().filter(payment__order=order_id, granted_by__isnull=False)
    return _sum(refunds) + _sum(_gifts().filter(key__startswith=f"gift:{order_id}:"))


def given_by(person: User, *, at: datetime) -> int:
    """Return what somebody gave in the 24 hours before `at` because she wanted to (minor units).  Two queries.

    What returns are worth is owed, whoever unpacks them, and counts for nobody.
    """
    since = at - A_DAY
    refunds = _refunds().filter(granted_by=person, granted_at__gt=since).exclude(origin__startswith="returns.")
    return _sum(refunds) + _sum(_gifts().filter(actor=person, happened_at__gt=since, key__startswith="gift:"))


def _refunds() -> QuerySet[RefundGrant]:
    return RefundGrant.objects.exclude(state=RefundGrant.State.REFUSED)


def _gifts() -> QuerySet[CreditEntry]:
    return CreditEntry.objects.filter(kind=CreditEntry.Kind.ISSUE)


def _sum(rows: QuerySet[RefundGrant] | QuerySet[CreditEntry]) -> int:
    return int(rows.aggregate(sum=Coalesce(Sum("amount_minor"), 0))["sum"])
