"""The ledger: the only writer of captures and refunds, of the balances and of the payment status.

Call everything here with order and payment locked.  Source: commerce reference d.4, reliability reference D8.
"""

from __future__ import annotations

from datetime import datetime

from orders.models import Order, Payment, PaymentEvent, RefundGrant
from orders.rules.payment import paid_status
from shop.models import User
from shop.operations.events import record_event


def capture(
    *,
    order: Order,
    payment: Payment,
    amount_minor: int,
    key: str,
    provider_ref: str,
    by: User | None,
    at: datetime,
) -> PaymentEvent:
    """Write one capture into the ledger and bring balance and status in line."""
    event = PaymentEvent.objects.create(
        payment=payment,
        kind=PaymentEvent.Kind.CAPTURE,
        phase=PaymentEvent.Phase.SUCCEEDED,
        amount_minor=amount_minor,
        provider_ref=provider_ref[:100],
        key=key,
        actor=by,
        happened_at=at,
    )
    payment.captured_minor += amount_minor
    payment.save(update_fields=["captured_minor"])
    derive_payment_status(order, payment)
    record_event(
        name="orders.payment.received",
        subject=f"orders.payment:{payment.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk, "amount_minor": amount_minor, "currency": payment.currency},
        actor=by,
        for_customer=True,
        at=at,
    )
    return event


def derive_payment_status(order: Order, payment: Payment) -> None:
    """Bring the order's payment status in line with its balances."""
    order.payment_status = paid_status(
        provider=payment.provider,
        due_minor=payment.due_minor,
        captured_minor=payment.captured_minor,
        refunded_minor=payment.refunded_minor,
    )
    order.save(update_fields=["payment_status"])


def refund_sent(
    *, order: Order, payment: Payment, grant: RefundGrant, provider_ref: str, by: User | None, at: datetime
) -> None:
    """Write one executed refund into the ledger and bring grant, balance and status in line."""
    PaymentEvent.objects.create(
        payment=payment,
        kind=PaymentEvent.Kind.REFUND,
        phase=PaymentEvent.Phase.SUCCEEDED,
        amount_minor=grant.amount_minor,
        provider_ref=provider_ref[:100],
        key=f"grant:{grant.pk}",
        actor=by,
        happened_at=at,
    )
    payment.refunded_minor += grant.amount_minor
    payment.save(update_fields=["refunded_minor"])
    grant.state, grant.sent_at, grant.lease_until, grant.error = RefundGrant.State.SENT, at, None, ""
    grant.save(update_fields=["state", "sent_at", "lease_until", "error"])
    derive_payment_status(order, payment)
    record_event(
        name="orders.refund.sent",
        subject=f"orders.refund:{grant.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk, "grant_id": grant.pk},
        actor=by,
        for_customer=True,
        at=at,
    )
