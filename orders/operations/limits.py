"""How much one person may give away alone: for one order, and within a day.

Source: reliability reference S3 (sums are added up inside the transaction, by order and by day), T13.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from orders.queries.decided import given_by, given_for_order
from orders.rules.payment import needs_second_person
from shop.models import User


def needs_another(by: User, *, order_id: int, amount_minor: int, owed: bool = False, at: datetime) -> bool:
    """Tell whether one person may not give so much for an order: counted with the rest for it, and of her day.

    What is `owed` is counted with the order alone.  Her row is locked, so that two decisions at once do not both find
    room.  Call with the order locked.
    """
    _one_at_a_time(by)
    sums = [(given_for_order(order_id), settings.REFUND_APPROVAL_FROM_MINOR)]
    if not owed:
        sums.append((given_by(by, at=at), settings.REFUND_APPROVAL_PER_DAY_MINOR))
    return any(
        needs_second_person(amount_minor=amount_minor, decided_before_minor=before, limit_minor=limit)
        for before, limit in sums
    )


def _one_at_a_time(person: User) -> None:
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
