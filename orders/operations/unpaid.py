"""Orders nobody has paid: told once before they are let go, and let go when the time is over.

A transfer is waited for TRANSFER_WAIT_DAYS, a payment page as long as it is open.  What is paid at the door has time.
Source: commerce reference b-4; reliability reference T02.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from orders.models import Order, Payment
from orders.operations.cancelling import TooLate, expire_order
from orders.rules.payment import longest_notice, to_be_told
from shop.operations.events import record_event

log = logging.getLogger(__name__)

BATCH = 50


def watch_payments(at: datetime) -> int:
    """Tell whose time is nearly over, let go whose time is over; at most a batch each.  Returns how many were."""
    return _tell_in_time(at) + _expire(at)


def _tell_in_time(at: datetime) -> int:
    waiting = (
        _open()
        .filter(
            reminded_at=None,
            expires_at__gt=at,
            expires_at__lte=at + longest_notice(),
            order__status__in=[Order.Status.PLACING, Order.Status.PLACED],
        )
        .order_by("expires_at", "id")
    )
    rows = waiting.values_list("pk", "order_id", "provider", "expires_at")[:BATCH]
    due = [
        (payment, order)
        for payment, order, provider, ends in rows
        if ends is not None and to_be_told(provider=provider, expires_at=ends, at=at)
    ]
    return sum(_tell(payment_id=payment, order_id=order, at=at) for payment, order in due)


def _open() -> QuerySet[Payment]:
    """Return the payments of which something is still to come, as `Payment.open_minor` says it."""
    return Payment.objects.filter(due_minor__gt=F("captured_minor") - F("beyond_minor"))


@transaction.atomic
def _tell(*, payment_id: int, order_id: int, at: datetime) -> int:
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
    mine = _open().filter(pk=payment_id, reminded_at=None, expires_at__gt=at)
    if order.status not in {Order.Status.PLACING, Order.Status.PLACED} or mine.update(reminded_at=at) != 1:
        return 0
    record_event(
        name="orders.payment.reminded",
        subject=f"orders.payment:{payment_id}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk},
        for_customer=True,
        at=at,
    )
    return 1


def _expire(at: datetime) -> int:
    over = Payment.objects.filter(
        provider=Payment.Provider.BANK_TRANSFER, expires_at__lte=at, order__status=Order.Status.PLACED
    ).order_by("expires_at", "id")
    rows = list(over.values_list("pk", "order_id")[:BATCH])
    for payment_id, order_id in rows:
        try:
            expire_order(order_id=order_id, at=at)
        except TooLate:  # nothing is open any more; or some of the money is here, or packing began: a person looks
            log.info("order %s is not let go", order_id)
            Payment.objects.filter(pk=payment_id).update(expires_at=None)
    return len(rows)
