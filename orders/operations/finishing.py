"""Finish a prepared order: charge, then place it or let it go.  Every step may run twice and by two workers at once.

Source: commerce reference 2.B, b-4; reliability reference D7, D8.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext, gettext_noop

from orders.gateways.payments import (
    Answer,
    Bill,
    Declined,
    Gone,
    OnPage,
    OutcomeUnknown,
    Paid,
    gateway,
)
from orders.messages.refund_reasons import said_to_her
from orders.models import Order, OrderLine, Parcel, Payment, PaymentEvent, Promise, Submission, Unavailability
from orders.operations import credit
from orders.operations.access import address_after_paying
from orders.operations.ledger import capture, capture_credit
from orders.operations.redeeming import give_back_promotions
from orders.operations.refunding import write_grant
from orders.operations.statuses import recompute_statuses
from orders.rules.payment import WITH_PAGE
from shop.operations import stock
from shop.operations.events import record_event
from shop.operations.leases import put_off_due
from shop.rules.money import Money

log = logging.getLogger(__name__)

# With the sweep's pause (10 s) and the longest call to a provider (13 s) less than a minute, see
# tests/orders/test_repaired_in_time.py.  Who is only slow asks under the same key as who took over.
LEASE = timedelta(seconds=35)
ASK_AGAIN_AFTER = timedelta(seconds=5)
LOOK_AGAIN_AFTER = timedelta(seconds=20)  # how often we look at a page somebody pays on; a webhook makes it at once
PAGE_OPEN = timedelta(minutes=35)  # how long pieces are held for her; Stripe wants at least 30 from its own clock
BATCH = 20


class PaymentDeclined(Exception):
    """The provider said no: nothing was charged, the pieces are free again, the bag is as it was."""

    def __init__(self, order: Order) -> None:
        super().__init__(order.number)
        self.order = order


class NoAnswer(Exception):
    """The provider does not say whether the payment page is closed; nothing was changed."""


def finish(submission: Submission, *, at: datetime) -> Order:
    """Charge for a prepared order and place it; return it.  The submission comes with its order and its payment.

    Without an answer from the provider, and while the shopper pays on a page of the provider's, it stays in state
    `placing` and the sweep asks again.  Raises PaymentDeclined.  Call outside any transaction.
    """
    submission_id, order = submission.pk, _order_of(submission)
    if order.total_minor == 0:  # promotions paid for all of it: no provider takes nothing
        return finalize(submission_id=submission_id, reference=None, at=at)
    try:
        answer = _ask(submission, order)
    except (Declined, Gone) as no:
        expired = isinstance(no, Gone)
        raise PaymentDeclined(let_go(submission_id=submission_id, expired=expired, at=at)) from None
    except OutcomeUnknown:
        log.warning("no answer about the payment of submission %s yet", submission_id)
        _look_again(submission, ASK_AGAIN_AFTER)
        return order
    if isinstance(answer, OnPage):
        return _hold(submission, order, answer)
    reference = answer.reference if isinstance(answer, Paid) else None
    return finalize(submission_id=submission_id, reference=reference, at=at)


def finish_submission(*, submission_id: int, at: datetime) -> Order:
    """Finish the order of a submission, see `finish`: for whoever comes later than the press of the button."""
    return finish(Submission.objects.select_related("order__payment").get(pk=submission_id), at=at)


def give_up(*, order_id: int, at: datetime) -> Order:
    """Close the payment page of an order that is not paid, because the shopper wants to change something.

    Returns the order: let go, with its bag open again, or placed when the money came in a moment before.
    Raises NoAnswer.  Call outside any transaction.
    """
    submission = Submission.objects.select_related("order__payment").get(order_id=order_id)
    order = _order_of(submission)
    if order.status != Order.Status.PLACING or not order.payment.session_ref:
        return order
    try:
        answer = gateway(order.payment.provider).close(order.payment.session_ref)
    except Gone:
        return let_go(submission_id=submission.pk, at=at)
    except OutcomeUnknown:
        raise NoAnswer from None
    if isinstance(answer, Paid):
        return finalize(submission_id=submission.pk, reference=answer.reference, at=at)
    raise NoAnswer


def _order_of(submission: Submission) -> Order:
    if submission.order is None:  # the claim and its order are written together
        raise RuntimeError(f"submission {submission.pk} has no order")
    return submission.order


def _ask(submission: Submission, order: Order) -> Answer:
    payment = order.payment
    provider = gateway(payment.provider)
    return provider.look(payment.session_ref) if payment.session_ref else provider.charge(_bill(submission, order))


def _bill(submission: Submission, order: Order) -> Bill:
    """Return what is asked for; the same submission always makes the same bill, for the provider compares them."""
    payment = order.payment
    page = address_after_paying(submission) if payment.provider in WITH_PAGE else ""
    return Bill(
        key=f"charge:{submission.key}",
        amount=Money(payment.outside_minor, order.currency),
        token=submission.payment_token,
        order_number=order.number,
        email=order.email,
        words=gettext("%(shop)s, order %(number)s") % {"shop": settings.SHOP_NAME, "number": order.number},
        locale=order.locale,
        back_url=f"{page}?paid=1",
        give_up_url=page,
        until=submission.claimed_at + PAGE_OPEN,
    )


@transaction.atomic
def _hold(submission: Submission, order: Order, answer: OnPage) -> Order:
    """Keep the order while the shopper pays on the provider's page, and look how it stands every few seconds."""
    payment = Payment.objects.select_for_update().get(order=order)
    payment.session_ref, payment.session_url, payment.session_expires_at = answer.reference, answer.url, answer.until
    payment.expires_at = answer.until if answer.url else None  # her bank thinks about it: she can do nothing more
    payment.save(update_fields=["session_ref", "session_url", "session_expires_at", "expires_at"])
    _look_again(submission, LOOK_AGAIN_AFTER)
    order.payment = payment
    return order


def _look_again(submission: Submission, pause: timedelta) -> None:
    mine = Submission.objects.filter(pk=submission.pk, state=Submission.State.CLAIMED)
    mine.update(lease_until=Now() + pause)


@transaction.atomic
def finalize(*, submission_id: int, reference: str | None, at: datetime) -> Order:
    """Place a prepared order: ledger, status, events.  `reference` is the provider's, None when money comes later.

    A second run finds it placed and changes nothing.
    """
    submission, order = _lock(submission_id)
    if order.status == Order.Status.DECLINED and reference is not None:
        return _paid_too_late(order, reference, at)
    if order.status != Order.Status.PLACING:
        return order
    order.status = Order.Status.PLACED
    promises = list(Promise.objects.filter(order=order).order_by("version", "id"))
    record_event(
        name="orders.order.placed",
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk, "promise_id": promises[0].pk},
        actor_kind="customer",
        for_customer=True,
        at=at,
    )
    payment = Payment.objects.select_for_update().get(order=order)
    capture_credit(order=order, payment=payment, at=at)
    if reference is not None:
        capture(
            order=order,
            payment=payment,
            amount_minor=payment.outside_minor,
            key=f"charge:{submission.key}",
            provider_ref=reference,
            by=None,
            at=at,
        )
    recompute_statuses(order, promises=promises, also=["status"])
    _close(submission, Submission.State.DONE, at)
    return order


def _paid_too_late(order: Order, reference: str, at: datetime) -> Order:
    """Note money for an order that was let go a moment before, and give it back at once.  Safe to run twice."""
    payment = Payment.objects.select_for_update().get(order=order)
    if payment.captured_minor:
        return order
    amount_minor = payment.outside_minor
    key = "charge:after-let-go"
    capture(order=order, payment=payment, amount_minor=amount_minor, key=key, provider_ref=reference, by=None, at=at)
    write_grant(
        payment=payment,
        amount_minor=amount_minor,
        reason=said_to_her(order, gettext_noop("The payment came in after the order was let go.")),
        origin=f"orders.late-payment:{payment.pk}",
        by=None,
        at=at,
    )
    return order


@transaction.atomic
def let_go(*, submission_id: int, expired: bool = False, at: datetime) -> Order:
    """Give up a prepared order that was not paid: free its pieces, its bag and its credit.  Safe to run twice."""
    submission, order = _lock(submission_id)
    if order.status != Order.Status.PLACING:
        return order
    order.status, order.cart = Order.Status.DECLINED, None
    order.save(update_fields=["status", "cart"])
    give_back_lines(order, at=at, reason="payment declined")
    payment = Payment.objects.select_for_update().get(order=order)
    PaymentEvent.objects.create(
        payment=payment,
        kind=PaymentEvent.Kind.CAPTURE,
        phase=PaymentEvent.Phase.FAILED,
        amount_minor=order.total_minor,
        key=f"charge:{submission.key}",
        happened_at=at,
    )
    Payment.objects.filter(pk=payment.pk).update(expires_at=None)
    if payment.credit_minor:
        credit.restore(order=order, amount_minor=payment.credit_minor, key=f"let-go:{order.pk}", by=None, at=at)
    recompute_statuses(order)
    _close(submission, Submission.State.REFUSED, at)
    if expired:
        record_event(
            name="orders.order.expired",
            subject=f"orders.order:{order.pk}",
            order_number=order.number,
            customer=order.customer,
            payload={"order_id": order.pk},
            for_customer=True,
            at=at,
        )
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
            finish_submission(submission_id=submission_id, at=at)
        except PaymentDeclined:
            log.info("submission %s was declined", submission_id)
        except Exception as problem:  # one bad row never stops the others; its lease brings it back
            log.warning("submission %s could not be finished: %s", submission_id, type(problem).__name__)
    return len(claimed)
