"""What every step of a return has in common: the locks, and the event that tells of it."""

from __future__ import annotations

from datetime import datetime

from orders.models import Order
from returns.models import ReturnCase
from shop.models import User
from shop.operations.events import record_event


def lock_case(case_id: int) -> ReturnCase:
    """Lock a return and its order, the order first as everywhere, and return the case as it is now.

    Call inside the transaction of the change.  Raises ReturnCase.DoesNotExist.
    """
    order_id = ReturnCase.objects.values_list("order_id", flat=True).get(pk=case_id)
    order = Order.objects.select_for_update().get(pk=order_id)
    case = ReturnCase.objects.select_for_update(of=("self",)).get(pk=case_id)
    case.order = order
    return case


def record_step(case: ReturnCase, step: str, *, at: datetime, by: User | None = None) -> None:
    """Record `returns.case.<step>` for the timeline and whoever listens; without `by` the shopper did it."""
    record_event(
        name=f"returns.case.{step}",
        subject=f"returns.case:{case.pk}",
        order_number=case.order.number,
        customer=case.order.customer,
        payload={"case_id": case.pk, "order_id": case.order_id},
        actor=by,
        actor_kind="customer",
        for_customer=True,
        at=at,
    )
