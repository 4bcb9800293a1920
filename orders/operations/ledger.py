"""The ledger: the only writer of what came in and went out, of the balances and of the payment status.

Call everything here with order and payment locked.  Source: commerce reference d.4, reliability reference D8.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from orders.models import Order, Payment, PaymentEvent, RefundGrant
from orders.operations import credit
from orders.queries.sent_back import bank_has, credit_restored, left_to_send, parts_to_send
from orders.rules.payment import paid_status, pay_by
from shop.models import User
from shop.operations.events import record_event

Kind, Means, Phase = PaymentEvent.Kind, PaymentEvent.Means, PaymentEvent.Phase

_FOR_A_PERSON = [RefundGrant.State.BY_HAND, RefundGrant.State.FAILED]


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
    payment.expires_at = payment.expires_at if payment.open_minor else None
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


def owe(*, order: Order, payment: Payment, at: datetime) -> None:
    """Write that what is due is what the order costs now, and bring deadline and status in line."""
    payment.due_minor, before = order.total_minor, payment.expires_at
    payment.expires_at = _deadline(payment, at)
    if payment.expires_at != before:
        payment.reminded_at = None
    payment.save(update_fields=["due_minor", "expires_at", "reminded_at"])
    derive_payment_status(order, payment)


def _deadline(payment: Payment, at: datetime) -> datetime | None:
    """Return until when the money is waited for, now that something else is due.

    Nothing open, nothing to wait for; open again with nothing here from outside, it is waited for from now on.  Of who
    paid a part a person decides, see `expire_order`.
    """
    if not payment.open_minor:
        return None
    if payment.expires_at or payment.captured_minor > payment.credit_minor:
        return payment.expires_at
    wait = timedelta(days=settings.TRANSFER_WAIT_DAYS)
    return pay_by(provider=payment.provider, open_minor=payment.open_minor, wait=wait, at=at)


def refused(*, payment: Payment, amount_minor: int, key: str, why: str, at: datetime) -> None:
    """Write that a try to pay did not go through, and `why` (a value of rules.payment_page.Refusal).  Once per key."""
    if not payment.events.filter(kind=Kind.CAPTURE, phase=Phase.FAILED, key=key).exists():
        _write(payment, Kind.CAPTURE, amount_minor, key, phase=Phase.FAILED, note=why, at=at)


def derive_payment_status(order: Order, payment: Payment) -> None:
    """Bring the order's payment status in line with its balances."""
    order.payment_status = paid_status(
        provider=payment.provider,
        due_minor=payment.due_minor,
        captured_minor=payment.captured_minor,
        refunded_minor=payment.refunded_minor,
        charged_back_minor=payment.charged_back_minor,
        beyond_minor=payment.beyond_minor,
    )
    order.save(update_fields=["payment_status"])


def refund_asked(
    *, payment: Payment, grant: RefundGrant, received: PaymentEvent, amount_minor: int, at: datetime
) -> PaymentEvent:
    """Write that the provider is about to be asked for a part of a refund, of one sum that came in."""
    return _write(
        payment,
        Kind.REFUND,
        amount_minor,
        f"grant:{grant.pk}:of:{received.pk}",
        phase=Phase.REQUESTED,
        of=received,
        by=grant.granted_by,
        at=at,
    )


def part_sent(*, order: Order, payment: Payment, asked: PaymentEvent, provider_ref: str, at: datetime) -> None:
    """Write that the provider took one part of a refund; asked for once, written once."""
    known = payment.events.filter(kind=Kind.REFUND, key=asked.key).exclude(phase=Phase.REQUESTED)
    if known.exists():  # another worker, or a person who paid it out meanwhile
        return
    _write(payment, Kind.REFUND, asked.amount_minor, asked.key, of=asked.of, provider_ref=provider_ref, at=at)
    _went_back(order, payment, asked.amount_minor)


def refund_sent(
    *, order: Order, payment: Payment, grant: RefundGrant, provider_ref: str, by: User | None, at: datetime
) -> None:
    """Write the rest of a refund as sent, by hand or into store credit, and close it; bring everything in line."""
    for asked in parts_to_send(grant):  # the provider would not; a person did
        _write(payment, Kind.REFUND, asked.amount_minor, asked.key, phase=Phase.FAILED, of=asked.of, by=by, at=at)
    left = left_to_send(grant)
    key = f"grant:{grant.pk}:{payment.events.filter(kind=Kind.BOUNCED, key__startswith=f'grant:{grant.pk}:').count()}"
    if left:
        _write(payment, Kind.REFUND, left, key, provider_ref=provider_ref, by=by, at=at)
    if grant.credit_minor and not credit_restored(grant):
        _write(payment, Kind.REFUND, grant.credit_minor, f"{key}:credit", means=Means.STORE_CREDIT, by=by, at=at)
        credit.restore(order=order, amount_minor=grant.credit_minor, key=f"grant:{grant.pk}", by=by, at=at)
        left += grant.credit_minor
    _went_back(order, payment, left)
    grant.state, grant.sent_at, grant.lease_until, grant.error = RefundGrant.State.SENT, at, None, ""
    grant.save(update_fields=["state", "sent_at", "lease_until", "error"])
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


def _went_back(order: Order, payment: Payment, amount_minor: int) -> None:
    payment.refunded_minor += amount_minor
    payment.save(update_fields=["refunded_minor"])
    derive_payment_status(order, payment)


def refund_bounced(*, order: Order, payment: Payment, grant: RefundGrant, sent: PaymentEvent, at: datetime) -> None:
    """Write that a refund, or a part of one, came back to us: the bank would not take it.

    A person pays it out another way; what is still being sent of the same refund goes on.
    """
    tries = payment.events.filter(kind=Kind.BOUNCED, key__startswith=f"grant:{grant.pk}:").count()
    key = f"grant:{grant.pk}:{tries}"
    _write(payment, Kind.BOUNCED, sent.amount_minor, key, of=sent.of, provider_ref=sent.provider_ref, at=at)
    _went_back(order, payment, -sent.amount_minor)
    if grant.state == RefundGrant.State.SENT:
        state = RefundGrant.State.DISPUTED if bank_has(payment, grant) else RefundGrant.State.FAILED
        grant.state, grant.error, grant.sent_at = state, "Bounced", None
        grant.save(update_fields=["state", "error", "sent_at"])
    _tell("orders.refund.bounced", order, payment, {"grant_id": grant.pk}, None, at)


def charged_back(
    *,
    order: Order,
    payment: Payment,
    amount_minor: int,
    reference: str,
    received: PaymentEvent | None = None,
    at: datetime,
) -> None:
    """Write that the shopper's bank took back what was `received`; staff are told.  Once per reference."""
    amount_minor = min(amount_minor, payment.captured_minor - payment.charged_back_minor)
    if not amount_minor or payment.events.filter(kind=Kind.CHARGEBACK, key=reference).exists():
        return
    _write(payment, Kind.CHARGEBACK, amount_minor, reference, of=received, provider_ref=reference, at=at)
    payment.charged_back_minor += amount_minor
    payment.save(update_fields=["charged_back_minor"])
    derive_payment_status(order, payment)
    for grant in payment.grants.select_for_update().filter(state__in=_FOR_A_PERSON).order_by("id"):
        if bank_has(payment, grant):
            grant.state = RefundGrant.State.DISPUTED
            grant.save(update_fields=["state"])
    _tell("orders.payment.charged-back", order, payment, {"amount_minor": amount_minor}, None, at)


def given_back(*, order: Order, payment: Payment, reference: str, at: datetime) -> None:
    """Write that the bank decided for us and gave the money back.  Once per reference, after `charged_back`.

    Refunds that were held because she had the money go on: the worker carries them out, or a person what had failed.
    """
    taken = payment.events.filter(kind=Kind.CHARGEBACK, key=reference).order_by("id").first()
    if taken is None or payment.events.filter(kind=Kind.REVERSAL, key=reference).exists():
        return
    _write(payment, Kind.REVERSAL, taken.amount_minor, reference, of=taken.of, provider_ref=reference, at=at)
    payment.charged_back_minor -= taken.amount_minor
    payment.save(update_fields=["charged_back_minor"])
    derive_payment_status(order, payment)
    for grant in payment.grants.select_for_update().filter(state=RefundGrant.State.DISPUTED).order_by("id"):
        if not bank_has(payment, grant):
            grant.state = RefundGrant.State.FAILED if grant.error else RefundGrant.State.GRANTED
            grant.due_at = at
            grant.save(update_fields=["state", "due_at"])
    _tell("orders.payment.given-back", order, payment, {"amount_minor": taken.amount_minor}, None, at)


def _write(
    payment: Payment,
    kind: PaymentEvent.Kind,
    amount_minor: int,
    key: str,
    *,
    phase: PaymentEvent.Phase = Phase.SUCCEEDED,
    means: PaymentEvent.Means = Means.PROVIDER,
    of: PaymentEvent | None = None,
    provider_ref: str = "",
    note: str = "",
    by: User | None = None,
    at: datetime,
) -> PaymentEvent:
    return PaymentEvent.objects.create(
        payment=payment,
        kind=kind,
        means=means,
        phase=phase,
        amount_minor=amount_minor,
        of=of,
        provider_ref=provider_ref[:100],
        key=key,
        note=note,
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
