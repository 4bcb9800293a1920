"""Money that comes in by hand: transfers on our account, cash the courier took.

Source: commerce reference d.4, reliability reference D8.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from orders.messages.refund_reasons import said_to_her
from orders.models import Order, Payment, PaymentEvent
from orders.operations.ledger import capture, derive_payment_status
from orders.operations.outcomes import keep_guarantee
from orders.operations.refunding import write_grant
from orders.rules.payment import BY_HAND
from orders.rules.shares import Beyond
from shop.models import User

NOTED_BY_HAND = "received:"  # how the key of money begins that a person noted


class AmountRefused(Exception):
    """The amount cannot be right; `open_minor` is what is still to be paid, in minor units."""

    def __init__(self, open_minor: int) -> None:
        super().__init__(str(open_minor))
        self.open_minor = open_minor


class ReferenceUsed(Exception):
    """This reference was noted before with another amount."""


class NothingExpected(Exception):
    """No money is expected by hand for this order: it is paid by card or was never placed."""


@transaction.atomic
def note_payment_received(
    *, order_id: int, amount_minor: int, reference: str, by: User | None, at: datetime
) -> PaymentEvent:
    """Note money that reached us for an order; the same reference counts once.

    Money for an order that was cancelled meanwhile is noted and granted back at once.
    Raises AmountRefused, ReferenceUsed, NothingExpected.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    payment = Payment.objects.select_for_update().get(order=order)
    key = f"{NOTED_BY_HAND}{' '.join(reference.split()).casefold()}"[:120]
    known = PaymentEvent.objects.filter(
        payment=payment, kind=PaymentEvent.Kind.CAPTURE, phase=PaymentEvent.Phase.SUCCEEDED, key=key
    ).first()
    if known is not None:
        if known.amount_minor != amount_minor:
            raise ReferenceUsed
        return known
    _check_by_hand(order, payment, amount_minor, reference)
    event = capture(
        order=order, payment=payment, amount_minor=amount_minor, key=key, provider_ref=reference, by=by, at=at
    )
    _give_back_at_once(order, payment, event, by=by, at=at)
    return event


@transaction.atomic
def note_bank_money(
    *, order_id: int, amount_minor: int, key: str, reference: str, by: User | None, at: datetime
) -> PaymentEvent:
    """Note what the bank says came in for an order, whatever the amount: what is too much is granted back at once."""
    order = Order.objects.select_for_update().get(pk=order_id)
    payment = Payment.objects.select_for_update().get(order=order)
    event = capture(
        order=order, payment=payment, amount_minor=amount_minor, key=key, provider_ref=reference, by=by, at=at
    )
    _give_back_at_once(order, payment, event, by=by, at=at)
    return event


def _give_back_at_once(order: Order, payment: Payment, event: PaymentEvent, *, by: User | None, at: datetime) -> None:
    """Grant back what came in for a cancelled order, or beyond the price of a living one, or is promised back."""
    surplus = payment.kept_minor - payment.due_minor
    if order.status == Order.Status.CANCELLED:
        write_grant(
            payment=payment,
            amount_minor=event.amount_minor,
            reason=said_to_her(order, gettext_noop("The payment came in after the order was cancelled.")),
            origin=f"orders.late-payment:{event.pk}",
            by=by,
            at=at,
        )
    elif surplus > 0:
        write_grant(
            payment=payment,
            amount_minor=min(surplus, event.amount_minor),
            reason=said_to_her(order, gettext_noop("More came in than the order costs.")),
            origin=f"orders.surplus:{event.pk}",
            by=by,
            at=at,
            what=Beyond(),
        )
    if order.status == Order.Status.CANCELLED or surplus > 0:
        derive_payment_status(order, payment)  # what was granted now is not the order's, and has not gone back yet
    if order.delivered_at:  # cash that a courier brings is noted after a guaranteed date was missed
        keep_guarantee(order, at=at)


def _check_by_hand(order: Order, payment: Payment, amount_minor: int, reference: str) -> None:
    if payment.provider not in BY_HAND or order.status not in {
        Order.Status.PLACED,
        Order.Status.CANCELLED,
    }:
        raise NothingExpected
    if not 0 < amount_minor <= payment.open_minor or not reference.strip():
        raise AmountRefused(payment.open_minor)
