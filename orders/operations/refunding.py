"""Money that goes back: decided once, carried out by a worker, never more than came in.

Source: commerce reference d.4, reliability reference D8, T10.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from orders.gateways.payments import Declined, OutcomeUnknown, PayOutByHand, gateway
from orders.models import Order, Payment, PaymentEvent, RefundGrant
from orders.operations.ledger import refund_sent
from shop import doorbell
from shop.models import User
from shop.operations.events import record_event
from shop.operations.leases import lease_due
from shop.rules.money import Money

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 8
BATCH = 20


class NothingToRefund(Exception):
    """So much did not come in, or was granted already; `open_minor` is what can still go back (minor units)."""

    def __init__(self, open_minor: int) -> None:
        super().__init__(str(open_minor))
        self.open_minor = open_minor


class NotByHand(Exception):
    """This refund is not waiting for somebody to pay it out."""


@transaction.atomic
def grant_refund(
    *, order_id: int, amount_minor: int, reason: str, origin: str, by: User | None, at: datetime
) -> RefundGrant:
    """Decide that money goes back; the same `origin` (such as `returns.case:12`) decides once.

    Raises NothingToRefund when more would be granted than was received.
    """
    Order.objects.select_for_update().get(pk=order_id)  # the order before its money, as everywhere
    payment = Payment.objects.select_for_update().get(order_id=order_id)
    known = RefundGrant.objects.filter(origin=origin).first()
    if known is not None:
        return known
    return write_grant(payment=payment, amount_minor=amount_minor, reason=reason, origin=origin, by=by, at=at)


def write_grant(
    *, payment: Payment, amount_minor: int, reason: str, origin: str, by: User | None, at: datetime
) -> RefundGrant:
    """Take the amount from what may still go back and write the decision; call with the payment locked.

    Raises NothingToRefund.
    """
    if amount_minor <= 0 or not reserve(payment_id=payment.pk, amount_minor=amount_minor):
        payment.refresh_from_db()
        raise NothingToRefund(payment.captured_minor - payment.granted_minor)
    grant = RefundGrant.objects.create(
        payment=payment, amount_minor=amount_minor, reason=reason[:200], origin=origin, granted_by=by, granted_at=at
    )
    order = payment.order
    record_event(
        name="orders.refund.granted",
        subject=f"orders.refund:{grant.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk, "grant_id": grant.pk},
        actor=by,
        for_customer=True,
        at=at,
    )
    doorbell.ring("orders.execute_refunds")
    payment.refresh_from_db()
    return grant


def reserve(*, payment_id: int, amount_minor: int) -> bool:
    """Take an amount from what may still go back, in one guarded statement; tell whether it was there."""
    enough = Payment.objects.filter(pk=payment_id, captured_minor__gte=F("granted_minor") + amount_minor)
    return enough.update(granted_minor=F("granted_minor") + amount_minor) == 1


def execute_refunds(at: datetime) -> int:
    """Carry out the refunds that are due, at most one batch; return how many were settled or put off.

    The provider is asked outside any transaction, under the grant's own key, so that asking twice pays once.
    """
    claimed = lease_due(RefundGrant, state=RefundGrant.State.GRANTED, lease=LEASE, most=BATCH)
    for grant_id, attempt in claimed:
        _execute(grant_id=grant_id, attempt=attempt, at=at)
    return len(claimed)


def _execute(*, grant_id: int, attempt: int, at: datetime) -> None:
    grant = RefundGrant.objects.select_related("payment").get(pk=grant_id)
    payment = grant.payment
    try:
        reference = gateway(payment.provider).refund(
            key=f"refund:{grant.pk}",
            charge_reference=_charge_reference(payment),
            amount=Money(grant.amount_minor, payment.currency),
        )
    except PayOutByHand:
        _put(grant_id, attempt, RefundGrant.State.BY_HAND)
    except (Declined, OutcomeUnknown) as problem:
        log.warning("refund %s was not carried out: %s", grant_id, type(problem).__name__)
        _put_off(grant_id, attempt, type(problem).__name__)
    else:
        _settle(grant_id=grant_id, reference=reference, by=None, at=at)


def _charge_reference(payment: Payment) -> str:
    captures = payment.events.filter(kind=PaymentEvent.Kind.CAPTURE, phase=PaymentEvent.Phase.SUCCEEDED)
    return str(captures.order_by("id").values_list("provider_ref", flat=True).first() or "")


def _put(grant_id: int, attempt: int, state: RefundGrant.State) -> None:
    mine = RefundGrant.objects.filter(pk=grant_id, attempts=attempt, state=RefundGrant.State.GRANTED)
    mine.update(state=state, lease_until=None, error="")


def _put_off(grant_id: int, attempt: int, problem: str) -> None:
    mine = RefundGrant.objects.filter(pk=grant_id, attempts=attempt, state=RefundGrant.State.GRANTED)
    if attempt >= MAX_ATTEMPTS:
        mine.update(state=RefundGrant.State.FAILED, lease_until=None, error=problem)
    else:
        pause = timedelta(seconds=min(2**attempt, 300))
        mine.update(due_at=Now() + pause, lease_until=None, error=problem)


def settle_by_hand(*, grant_id: int, reference: str, by: User, at: datetime) -> RefundGrant:
    """Note that somebody paid a refund out: by transfer, or when the card refused it for good.

    Raises NotByHand when it is not waiting for that; noting it twice changes nothing.
    """
    state = RefundGrant.objects.values_list("state", flat=True).get(pk=grant_id)
    if state not in {RefundGrant.State.BY_HAND, RefundGrant.State.FAILED, RefundGrant.State.SENT}:
        raise NotByHand
    return _settle(grant_id=grant_id, reference=reference, by=by, at=at)


@transaction.atomic
def _settle(*, grant_id: int, reference: str, by: User | None, at: datetime) -> RefundGrant:
    order_id = RefundGrant.objects.values_list("payment__order_id", flat=True).get(pk=grant_id)
    order = Order.objects.select_for_update().get(pk=order_id)
    payment = Payment.objects.select_for_update().get(order=order)
    grant = RefundGrant.objects.select_for_update().get(pk=grant_id)
    if grant.state != RefundGrant.State.SENT:
        refund_sent(order=order, payment=payment, grant=grant, provider_ref=reference, by=by, at=at)
    return grant
