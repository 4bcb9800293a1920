"""What people decided to give: refunds and gifts of store credit, for one order, by one person, to one customer.

Source: reliability reference S3 (a sum cut into small ones is added up, by order, by day and by customer), T13.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Lower

from orders.models import CreditEntry, Order, RefundGrant
from shop.models import User
from shop.personal import Person
from shop.queries.people import owner_of_address, proved_addresses

A_DAY = timedelta(hours=24)
# Origins of what is hers anyway, whoever pressed the button.  What is not listed was given.
OWED = (
    "returns.",
    "orders.cancel:",
    "orders.change:",
    "orders.unavailability:",
    "orders.came-back:",
    "orders.late-payment:",
    "orders.surplus:",
)


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


def customer_of(order_id: int) -> Person:
    """Return who placed an order: the account it is in or its address belongs to, and the addresses she is known by.

    Two queries, three for a guest whose address somebody proved.
    """
    order = Order.objects.only("email", "customer_id").get(pk=order_id)
    typed, owner_id = order.email.strip().lower(), order.customer_id
    if owner_id is None:
        owner = owner_of_address(typed)
        owner_id = owner.pk if owner else None
    proved = proved_addresses(owner_id) if owner_id else []
    return Person(frozenset({typed, *proved}), owner_id)


def given_to(customer: Person, *, since: datetime) -> int:
    """Return what people gave a customer after `since`, for whatever order of hers (minor units).  Three queries.

    What she gets back because it is hers does not count: of returns, of what was cancelled, changed or is missing.
    """
    known_by = Q(_address__in=customer.addresses)
    hers = Q(customer=None) & known_by | Q(status=Order.Status.PLACED) & known_by
    if customer.user_id is not None:
        hers |= Q(customer_id=customer.user_id)
    orders = dict(Order.objects.annotate(_address=Lower("email")).filter(hers).values_list("pk", "_address"))
    refunds = _refunds().filter(payment__order__in=orders, granted_by__isnull=False, granted_at__gt=since)
    for origin in OWED:
        refunds = refunds.exclude(origin__startswith=origin)
    gifts = _gifts().filter(account__email__in=set(orders.values()), key__startswith="gift:", happened_at__gt=since)
    return _sum(refunds) + _sum(gifts)


def _refunds() -> QuerySet[RefundGrant]:
    return RefundGrant.objects.exclude(state=RefundGrant.State.REFUSED)


def _gifts() -> QuerySet[CreditEntry]:
    return CreditEntry.objects.filter(kind=CreditEntry.Kind.ISSUE)


def _sum(rows: QuerySet[RefundGrant] | QuerySet[CreditEntry]) -> int:
    return int(rows.aggregate(sum=Coalesce(Sum("amount_minor"), 0))["sum"])
