"""Finish a prepared order: charge, then place it or let it go.  Every step may run twice and by two workers at once.

Source: commerce reference 2.B, b-4; reliability reference D7, D8.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from orders.gateways.payments import Declined, OutcomeUnknown, gateway
from orders.models import Order, OrderLine, Parcel, Payment, PaymentEvent, Promise, Submission, Unavailability
from orders.operations.ledger import capture
from orders.operations.redeeming import give_back_promotions
from orders.operations.statuses import recompute_statuses
from shop.operations import stock
from shop.operations.events import record_event
from shop.operations.leases import put_off_due
from shop.rules.money import Money

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
ASK_AGAIN_AFTER = timedelta(seconds=5)
BATCH = 20


class PaymentDeclined(Exception):
    """The provider said no: nothing was charged, the pieces are free again, the bag is as it was."""

    def __init__(self, order: Order) -> None:
        super().__init__(order.number)
        self.order = order


def finish(*, submission_id: int, at: datetime) -> Order:
    """Charge for a prepared order and place it; return it.

    Without an answer from the provider it stays in state `placing` and the sweep asks again under the same key.
    Raises PaymentDeclined.  Call outside any transaction.
    """
    submission = Submission.objects.select_related("order__payment").get(pk=submission_id)
    order = submission.order
    if order is None:  # the claim and its order are written together
        raise RuntimeError(f"submission {submission_id} has no order")
    if order.total_minor == 0:  # promotions paid for all of it: no provider takes nothing
        return finalize(submission_id=submission_id, reference=None, at=at)
    try:
        reference = gateway(order.payment.provider).charge(
            key=f"charge:{submission.key}",
            token=submission.payment_token,
            amount=Money(order.total_minor, order.currency),
        )
    except Declined:
        raise PaymentDeclined(let_go(submission_id=submission_id, at=at)) from None
    except OutcomeUnknown:
        log.warning("no answer about the payment of submission %s yet", submission_id)
        Submission.objects.filter(pk=submission_id, state=Submission.State.CLAIMED).update(
            lease_until=Now() + ASK_AGAIN_AFTER
        )
        return order
    return finalize(submission_id=submission_id, reference=reference, at=at)


@transaction.atomic
def finalize(*, submission_id: int, reference: str | None, at: datetime) -> Order:
    """Place a prepared order: ledger, status, events.  `reference` is the provider's, None when money comes later.

    A second run finds it placed and changes nothing.
    """
    submission, order = _lock(submission_id)
    if order.status != Order.Status.PLACING:
        return order
    order.status = Order.Status.PLACED
    order.save(update_fields=["status"])
    promise_id = Promise.objects.values_list("pk", flat=True).get(order=order, version=1)
    record_event(
        name="orders.order.placed",
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk, "promise_id": promise_id},
        actor_kind="customer",
        for_customer=True,
        at=at,
    )
    if reference is not None:
        payment = Payment.objects.select_for_update().get(order=order)
        capture(
            order=order,
            payment=payment,
            amount_minor=order.total_minor,
            key=f"charge:{submission.key}",
            provider_ref=reference,
            by=None,
            at=at,
        )
    recompute_statuses(order)
    _close(submission, Submission.State.DONE, at)
    return order


@transaction.atomic
def let_go(*, submission_id: int, at: datetime) -> Order:
    """Give up a prepared order whose payment was declined: free its pieces and its bag.  Safe to run twice."""
    submission, order = _lock(submission_id)
    if order.status != Order.Status.PLACING:
        return order
    order.status, order.cart = Order.Status.DECLINED, None
    order.save(update_fields=["status", "cart"])
    give_back_lines(order, at=at, reason="payment declined")
    PaymentEvent.objects.create(
        payment=Payment.objects.get(order=order),
        kind=PaymentEvent.Kind.CAPTURE,
        phase=PaymentEvent.Phase.FAILED,
        amount_minor=order.total_minor,
        key=f"charge:{submission.key}",
        happened_at=at,
    )
    recompute_statuses(order)
    _close(submission, Submission.State.REFUSED, at)
    return order


def _lock(submission_id: int) -> tuple[Submission, Order]:
    submission = Submission.objects.select_for_update().get(pk=submission_id)
    orders = Order.objects.select_for_update(of=("self",)).select_related("customer")
    return submission, orders.get(submission=submission)


def give_back_lines(order: Order, *, at: datetime, reason: str) -> None:
    """Free every piece an order still speaks for, and cancel its parcels; the order must be locked."""
    wanted = [
        stock.Wanted(line.variant_id, line.spoken_for, f"release:{order.number}:{line.pk}")
        for line in OrderLine.objects.filter(order=order).order_by("id")
        if line.spoken_for > 0
    ]
    stock.release(wanted=wanted, order_number=order.number, at=at, reason=reason)
    _close_cases(order, at)
    give_back_promotions(order, at=at)
    OrderLine.objects.filter(order=order).update(
        qty_cancelled=F("quantity") - F("qty_replaced") - F("qty_handed_over"), qty_missing=0
    )
    Parcel.objects.filter(order=order, status=Parcel.Status.PLANNED).update(status=Parcel.Status.CANCELLED)


def _close_cases(order: Order, at: datetime) -> None:
    """End what was still open about missing pieces: the whole order is over."""
    for case in Unavailability.objects.filter(order=order).exclude(state=Unavailability.State.SETTLED).order_by("id"):
        stock.free(holder=case.holder)
        case.state, case.choice = Unavailability.State.SETTLED, Unavailability.Choice.CANCEL
        case.chosen_at, case.settled_at = case.chosen_at or at, at
        case.save(update_fields=["state", "choice", "chosen_at", "settled_at"])


def _close(submission: Submission, state: Submission.State, at: datetime) -> None:
    submission.state, submission.done_at = state, at
    submission.save(update_fields=["state", "done_at"])


def finish_placements(at: datetime) -> int:
    """Finish claims whose process died or whose provider did not answer; return how many were taken up."""
    abandoned = Submission.State.CLAIMED
    claimed = put_off_due(Submission, column="lease_until", by=LEASE, most=BATCH, state=abandoned)
    for submission_id in claimed:
        try:
            finish(submission_id=submission_id, at=at)
        except PaymentDeclined:
            log.info("submission %s was declined", submission_id)
        except Exception as problem:  # one bad row never stops the others; its lease brings it back
            log.warning("submission %s could not be finished: %s", submission_id, type(problem).__name__)
    return len(claimed)
