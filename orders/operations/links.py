"""The way back to an order: a fresh secret link by e-mail."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from orders.models import Order
from shop.operations.events import record_event


@transaction.atomic
def request_link(*, number: str, email: str, at: datetime) -> None:
    """Ask for a fresh tracking link to be mailed to the address of the order.

    Does nothing when number and address do not belong together: whoever asks learns nothing either way.  The mail goes
    to the address the order was placed with, never to what was typed.
    """
    living = [Order.Status.PLACED, Order.Status.CANCELLED]
    order = Order.objects.filter(number=number.strip().upper(), email__iexact=email.strip(), status__in=living)
    found = order.select_related("customer").order_by("id").first()
    if found is None:
        return
    record_event(
        name="orders.link.requested",
        subject=f"orders.order:{found.pk}",
        order_number=found.number,
        customer=found.customer,
        actor_kind="customer",
        payload={"order_id": found.pk},
        at=at,
    )
