"""Cancel an order, until packing starts.  Source: commerce reference 4.22, b-18."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from orders.models import Order, Parcel, Payment
from orders.operations.finishing import give_back_lines
from orders.operations.refunding import give_back_rest
from orders.operations.staging import withdraw_staged
from orders.operations.statuses import recompute_statuses
from orders.rules.cancelling import may_be_cancelled
from shop.models import User
from shop.operations.events import record_event


class TooLate(Exception):
    """Packing has started, or the order is not one that can be cancelled; nothing was changed."""


@transaction.atomic
def cancel_order(*, order_id: int, by: User | None, at: datetime) -> Order:
    """Cancel an order whose packing has not started; `by` is the member of staff, None for the shopper herself.

    The pieces are free again, the parcels cancelled, and everything received is granted back.  Cancelling twice
    changes nothing.  Raises TooLate.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
    if order.status == Order.Status.CANCELLED:
        return order
    return _cancel(order, whose="staff" if by else "customer", by=by, at=at)


@transaction.atomic
def expire_order(*, order_id: int, at: datetime) -> Order:
    """Cancel an order whose transfer never came.  Raises TooLate, also when nothing is open or some money is here."""
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
    payment = Payment.objects.get(order=order)
    if order.status == Order.Status.CANCELLED:
        return order
    if not _waits_for_money(payment) or payment.expires_at is None or payment.expires_at > at:
        raise TooLate
    return _cancel(order, whose="unpaid", by=None, at=at)


def _waits_for_money(payment: Payment) -> bool:
    """Tell whether something is open and nothing of it is here; store credit was spent when the order was placed."""
    return payment.open_minor > 0 and payment.captured_minor <= payment.credit_minor


def _cancel(order: Order, *, whose: str, by: User | None, at: datetime) -> Order:
    parcels = list(Parcel.objects.select_for_update().filter(order=order).order_by("number", "id"))
    if not may_be_cancelled(order.status, [parcel.status for parcel in parcels]):
        raise TooLate
    return close_order(order, whose=whose, by=by, at=at)


def close_order(order: Order, *, whose: str, by: User | None, at: datetime) -> Order:
    """End a locked order of which nothing is packed, on its way or with her: everything that was paid goes back.

    `whose` says who ended it: customer, staff, unpaid, or came-back when the courier brought its parcels back.
    """
    give_back_lines(order, at=at, reason="cancelled")
    withdraw_staged(order, at=at)
    order.status, order.cancelled_at = Order.Status.CANCELLED, at
    order.save(update_fields=["status", "cancelled_at"])
    recompute_statuses(order)
    record_event(
        name="orders.order.cancelled",
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk, "by": whose},
        actor=by,
        actor_kind="customer" if whose == "customer" else "system",
        for_customer=True,
        at=at,
    )
    _give_money_back(order, by=by, at=at)
    return order


def _give_money_back(order: Order, *, by: User | None, at: datetime) -> None:
    payment = Payment.objects.select_for_update().get(order=order)
    Payment.objects.filter(pk=payment.pk).update(expires_at=None)
    give_back_rest(order=order, payment=payment, origin=f"orders.cancel:{order.pk}", by=by, at=at)
