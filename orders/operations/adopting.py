"""Orders placed as a guest become those of the account whose address was proved, and never before.

Source: commerce reference 2.4; reliability reference S16 (guest orders must not follow an unproved address).
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Lower

from orders.models import Order
from shop.models import User
from shop.operations.events import record_event
from shop.queries.people import owner_of_address, proved_addresses


@transaction.atomic
def adopt_orders(*, user_id: int, at: datetime) -> int:
    """Give somebody the orders placed with an address she proved that belong to nobody; return how many."""
    user = User.objects.get(pk=user_id)
    nobodys = Order.objects.filter(customer=None).annotate(address=Lower("email"))
    mine = nobodys.filter(address__in=proved_addresses(user_id)).select_for_update().order_by("id")
    adopted = list(mine)
    for order in adopted:
        _adopt(order, user, at)
    return len(adopted)


@transaction.atomic
def adopt_order(*, order_id: int, at: datetime) -> bool:
    """Give a guest's fresh order to the account that proved its address; tell whether there is one."""
    order = Order.objects.select_for_update().get(pk=order_id)
    owner = owner_of_address(order.email) if order.customer_id is None else None
    if owner is None:
        return False
    _adopt(order, owner, at)
    return True


def _adopt(order: Order, user: User, at: datetime) -> None:
    order.customer = user
    order.save(update_fields=["customer"])
    record_event(
        name="orders.order.adopted",
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        customer=user,
        payload={"order_id": order.pk},
        at=at,
    )
