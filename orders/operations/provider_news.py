"""What a payment provider tells by itself: a page was paid or closed, a refund came back, a bank took money.

Each is safe to hear twice and in any order.  Source: reliability reference 1.1, T11, T43.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from orders.models import Order, OrderChange, Payment, PaymentEvent, Submission
from orders.operations import ledger
from orders.operations.outcomes import keep_guarantee
from orders.operations.paying_out import note_bounced
from orders.operations.refunding import give_back_rest
from orders.queries.refusals import PLACEMENT, refusal_key
from orders.rules.payment_page import refusal_of
from shop import doorbell
from shop.operations.inbound import NotForUs, NotYet


@transaction.atomic
def look_at_page(*, reference: str, order_number: str) -> None:
    """Look at a payment page now and not in some seconds.  Raises NotForUs for a page of somebody else.

    The notice may be faster than the answer to our own call: then the page is known by the order's number.
    """
    if OrderChange.objects.filter(state=OrderChange.State.PAYING, session_ref=reference).update(due_at=Now()):
        doorbell.ring("orders.finish_changes")
        return
    payments = Payment.objects.filter(provider=Payment.Provider.STRIPE, order__number=order_number)
    payments.filter(session_ref="").update(session_ref=reference)
    payment = payments.filter(session_ref=reference).order_by("id").first()
    if payment is None:
        raise NotForUs("no order of ours has this payment page")
    waiting = Submission.objects.filter(order_id=payment.order_id, state=Submission.State.CLAIMED)
    waiting.update(lease_until=Now())
    doorbell.ring("orders.finish_placements")


@transaction.atomic
def hear_of_refusal(
    *, order_number: str, charge_key: str, reference: str, code: str, decline_code: str, at: datetime
) -> None:
    """Note that a try on a payment page, of an order or of a change, did not go through; the page stays open.

    `charge_key` is what the page was opened under, `reference` the notice's own.  Raises NotForUs for a page of
    somebody else, and for what is over: paid after another try, or let go.
    """
    order = Order.objects.select_for_update().filter(number=order_number, payment__provider="stripe").first()
    if order is None:
        raise NotForUs("no order of ours has this number")
    payment = Payment.objects.select_for_update().get(order=order)
    change = OrderChange.objects.filter(order=order, state=OrderChange.State.PAYING).order_by("id").first()
    if change is not None and change.charge_key != charge_key:
        change = None  # this page is an older one
    if order.status == Order.Status.PLACING:
        of, amount_minor = PLACEMENT, payment.outside_minor
    elif change is not None:
        of, amount_minor = change.charge_key, change.pay_minor
    else:
        raise NotForUs("nothing of this order waits for a payment")
    key = refusal_key(of=of, notice=reference)
    why = refusal_of(code=code, decline_code=decline_code)
    ledger.refused(payment=payment, amount_minor=amount_minor, key=key, why=why, at=at)


def hear_of_refund(*, reference: str, status: str, at: datetime) -> None:
    """Note a refund that came back.  Raises NotForUs for one that did not, NotYet for one we do not know."""
    if status not in {"failed", "canceled"}:
        raise NotForUs(f"the refund is {status}")
    sent = PaymentEvent.objects.filter(kind=PaymentEvent.Kind.REFUND, provider_ref=reference).order_by("id").first()
    if sent is None:
        raise NotYet("a refund came back that we have not noted as sent")
    note_bounced(grant_id=int(sent.key.split(":")[1]), reference=reference, at=at)


@transaction.atomic
def hear_of_dispute(
    *, reference: str, charge_reference: str, amount_minor: int, won: bool, taken: bool, at: datetime
) -> None:
    """Note money the shopper's bank took back, and that it gave it back.  Raises NotYet, NotForUs."""
    if not taken:
        raise NotForUs("no money has moved")
    captured = PaymentEvent.objects.filter(kind=PaymentEvent.Kind.CAPTURE, provider_ref=charge_reference)
    received = captured.select_related("payment").order_by("id").first()
    if received is None:
        raise NotYet("a bank took back money that we have not noted as received")
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=received.payment.order_id)
    payment = Payment.objects.select_for_update().get(order=order)
    ledger.charged_back(
        order=order, payment=payment, amount_minor=amount_minor, reference=reference, received=received, at=at
    )
    if won:
        ledger.given_back(order=order, payment=payment, reference=reference, at=at)
        _give_on(order, payment, reference, at)


def _give_on(order: Order, payment: Payment, reference: str, at: datetime) -> None:
    """Give back what could not go back while the bank had it: of a cancelled order all, a guaranteed one its fee."""
    if order.status == Order.Status.CANCELLED:
        origin = f"orders.cancel:{order.pk}:{reference}"[:80]
        give_back_rest(order=order, payment=payment, origin=origin, by=None, at=at)
    elif order.delivered_at:
        keep_guarantee(order, at=at)
