"""The ledger: the only writer of what came in and went out, of the balances and of the payment status.

Call everything here with order and payment locked.  Source: commerce reference d.4, reliability reference D8.
"""

from __future__ import annotations

from datetime import datetime

from orders.models import Order, Payment, PaymentEvent, RefundGrant
from orders.operations import credit
from orders.rules.payment import paid_status
from shop.models import User
from shop.operations.events import record_event

Kind, Means = PaymentEvent.Kind, PaymentEvent.Means


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
    """Write money that came in through the provider, and bring balance and status in line."""
    event = _write(payment, Kind.CAPTURE, amount_minor, key, provider_ref=provider_ref, by=by, at=at)
    payment.captured_minor += amount_minor
    payment.expires_at = None if payment.captured_minor >= payment.due_minor else payment.expires_at
    payment.save(update_fields=["captured_minor", "expires_at"])
    derive_payment_status(order, payment)
    _tell("orders.payment.received", order, payment, {"amount_minor": amount_minor}, by, at, for_customer=True)
    return event


def capture_credit(*, order: Order, payment: Payment, at: datetime) -> None:
    """Write the store credit an order was paid with; it was taken from its account when the order was prepared."""
    if not payment.credit_minor:
        return
    _write(payment, Kind.CAPTURE, payment.credit_minor, "credit", means=Means.STORE_CREDIT, at=at)
    payment.captured_minor += payment.credit_minor
    payment.save(update_fields=["captured_minor"])
    derive_payment_status(order, payment)


def derive_payment_status(order: Order, payment: Payment) -> None:
    """Bring the order's payment status in line with its balances."""
    order.payment_status = paid_status(
        provider=payment.provider,
        due_minor=payment.due_minor,
        captured_minor=payment.captured_minor,
        refunded_minor=payment.refunded_minor,
        charged_back_minor=payment.charged_back_minor,
    )
    order.save(update_fields=["payment_status"])


def refund_sent(
    *, order: Order, payment: Payment, grant: RefundGrant, provider_ref: str, by: User | None, at: datetime
) -> None:
    """Write one executed refund: through the provider, into store credit, or both; bring everything in line."""
    key = f"grant:{grant.pk}:{payment.events.filter(kind=Kind.BOUNCED, key__startswith=f'grant:{grant.pk}:').count()}"
    outside = grant.amount_minor - grant.credit_minor
    if outside:
        _write(payment, Kind.REFUND, outside, key, provider_ref=provider_ref, by=by, at=at)
    if grant.credit_minor:
        _write(payment, Kind.REFUND, grant.credit_minor, key, means=Means.STORE_CREDIT, by=by, at=at)
        credit.restore(order=order, amount_minor=grant.credit_minor, key=f"grant:{grant.pk}", by=by, at=at)
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


def refund_bounced(*, order: Order, payment: Payment, grant: RefundGrant, provider_ref: str, at: datetime) -> None:
    """Write that a refund came back to us: the bank would not take it.  A person pays it out another way."""
    outside = grant.amount_minor - grant.credit_minor
    tries = payment.events.filter(kind=Kind.BOUNCED, key__startswith=f"grant:{grant.pk}:").count()
    _write(payment, Kind.BOUNCED, outside, f"grant:{grant.pk}:{tries}", provider_ref=provider_ref, at=at)
    payment.refunded_minor -= outside
    payment.save(update_fields=["refunded_minor"])
    grant.state, grant.error, grant.sent_at = RefundGrant.State.FAILED, "Bounced", None
    grant.save(update_fields=["state", "error", "sent_at"])
    derive_payment_status(order, payment)
    _tell("orders.refund.bounced", order, payment, {"grant_id": grant.pk}, None, at)


def charged_back(*, order: Order, payment: Payment, amount_minor: int, reference: str, at: datetime) -> None:
    """Write that the shopper's bank took money back; staff are told, the shopper knows.  Once per reference."""
    amount_minor = min(amount_minor, payment.captured_minor - payment.charged_back_minor)
    if not amount_minor or payment.events.filter(kind=Kind.CHARGEBACK, key=reference).exists():
        return
    _write(payment, Kind.CHARGEBACK, amount_minor, reference, provider_ref=reference, at=at)
    payment.charged_back_minor += amount_minor
    payment.save(update_fields=["charged_back_minor"])
    derive_payment_status(order, payment)
    _tell("orders.payment.charged-back", order, payment, {"amount_minor": amount_minor}, None, at)


def given_back(*, order: Order, payment: Payment, reference: str, at: datetime) -> None:
    """Write that the bank decided for us and gave the money back.  Once per reference, after `charged_back`."""
    taken = payment.events.filter(kind=Kind.CHARGEBACK, key=reference).order_by("id").first()
    if taken is None or payment.events.filter(kind=Kind.REVERSAL, key=reference).exists():
        return
    _write(payment, Kind.REVERSAL, taken.amount_minor, reference, provider_ref=reference, at=at)
    payment.charged_back_minor -= taken.amount_minor
    payment.save(update_fields=["charged_back_minor"])
    derive_payment_status(order, payment)
    _tell("orders.payment.given-back", order, payment, {"amount_minor": taken.amount_minor}, None, at)


def _write(
    payment: Payment,
    kind: PaymentEvent.Kind,
    amount_minor: int,
    key: str,
    *,
    means: PaymentEvent.Means = Means.PROVIDER,
    provider_ref: str = "",
    by: User | None = None,
    at: datetime,
) -> PaymentEvent:
    return PaymentEvent.objects.create(
        payment=payment,
        kind=kind,
        means=means,
        phase=PaymentEvent.Phase.SUCCEEDED,
        amount_minor=amount_minor,
        provider_ref=provider_ref[:100],
        key=key,
        actor=by,
        happened_at=at,
    )


def _tell(
    name: str,
    order: Order,
    payment: Payment,
    payload: dict[str, int],
    by: User | None,
    at: datetime,
    *,
    for_customer: bool = False,
) -> None:
    record_event(
        name=name,
        subject=f"orders.payment:{payment.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk, **payload, "currency": payment.currency},
        actor=by,
        for_customer=for_customer,
        at=at,
    )
