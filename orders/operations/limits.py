"""How much one person may give away alone: for one order, within a day, and to one customer over a time.

Source: reliability reference S3 (sums are added up inside the transaction, by order, by day and by customer), T13.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from orders.queries.decided import customer_of, given_by, given_for_order, given_to
from orders.rules.payment import needs_second_person
from shop.models import User
from shop.personal import Person


def needs_another(by: User, *, order_id: int, amount_minor: int, owed: bool = False, at: datetime) -> bool:
    """Tell whether one person may not give so much for an order: counted with the rest for it, of her day, and with
    what the customer was given by anybody.

    What is `owed` is counted with the order alone.  Her row and the customer are locked, so that two decisions at once
    do not both find room.  Call with the order locked.
    """
    _one_at_a_time(by)
    sums = [(given_for_order(order_id), settings.REFUND_APPROVAL_FROM_MINOR)]
    if not owed:
        sums.append((given_by(by, at=at), settings.REFUND_APPROVAL_PER_DAY_MINOR))
        if settings.REFUND_APPROVAL_PER_CUSTOMER_MINOR:
            sums.append((_given_to_customer_of(order_id, at), settings.REFUND_APPROVAL_PER_CUSTOMER_MINOR))
    return any(
        needs_second_person(amount_minor=amount_minor, decided_before_minor=before, limit_minor=limit)
        for before, limit in sums
    )


def _one_at_a_time(person: User) -> None:
    User.objects.select_for_update(no_key=True).get(pk=person.pk)


def _given_to_customer_of(order_id: int, at: datetime) -> int:
    customer = customer_of(order_id)
    _one_at_a_time_for(customer)
    return given_to(customer, since=at - timedelta(days=settings.REFUND_APPROVAL_CUSTOMER_DAYS))


def _one_at_a_time_for(customer: Person) -> None:
    """Take the turn of a customer; it goes with the transaction.  A guest is no row: what she is known by is locked."""
    names = {f"address:{address}" for address in customer.addresses} | {f"account:{customer.user_id}"}
    with connection.cursor() as cursor:
        for name in sorted(names - {"account:None"}):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"orders.given-to:{name}"])
