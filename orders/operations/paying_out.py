"""Refunds that were decided are carried out: by the provider, into store credit, or by a person.

Source: commerce reference d.4, reliability reference D8, T11.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now

from orders.gateways.payments import Declined, OutcomeUnknown, PayOutByHand, gateway
from orders.models import Order, Payment, PaymentEvent, RefundGrant
from orders.operations.ledger import refund_bounced, refund_sent
from shop.models import User
from shop.operations.leases import lease_due
from shop.rules.money import Money

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 8
BATCH = 20


class NotByHand(Exception):
    """This refund is not waiting for somebody to pay it out."""


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
    try:
        reference = _send(grant)
    except PayOutByHand:
        _put(grant_id, attempt, RefundGrant.State.BY_HAND)
    except (Declined, OutcomeUnknown) as problem:
        log.warning("refund %s was not carried out: %s", grant_id, type(problem).__name__)
        _put_off(grant_id, attempt, type(problem).__name__)
    else:
        _settle(grant_id=grant_id, reference=reference, by=None, at=at)


def _send(grant: RefundGrant) -> str:
    """Ask the provider to send what does not go into store credit; return its reference, empty when nothing does."""
    outside = grant.amount_minor - grant.credit_minor
    if not outside:
        return ""
    if grant.destination == RefundGrant.Destination.BANK:
        raise PayOutByHand
    return gateway(grant.payment.provider).refund(
        key=f"refund:{grant.pk}",
        charge_reference=_charge_reference(grant.payment),
        amount=Money(outside, grant.payment.currency),
    )


def _charge_reference(payment: Payment) -> str:
    captures = payment.events.filter(
        kind=PaymentEvent.Kind.CAPTURE, phase=PaymentEvent.Phase.SUCCEEDED, means=PaymentEvent.Means.PROVIDER
    )
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
def note_bounced(*, grant_id: int, reference: str, at: datetime) -> RefundGrant:
    """Note that a refund the provider had taken came back to us; a person pays it out.  Safe to run twice."""
    order, payment, grant = _lock(grant_id)
    noted = payment.events.filter(kind=PaymentEvent.Kind.BOUNCED, provider_ref=reference).exists()
    if grant.state == RefundGrant.State.SENT and not noted:
        refund_bounced(order=order, payment=payment, grant=grant, provider_ref=reference, at=at)
    return grant


@transaction.atomic
def _settle(*, grant_id: int, reference: str, by: User | None, at: datetime) -> RefundGrant:
    order, payment, grant = _lock(grant_id)
    if grant.state != RefundGrant.State.SENT:
        refund_sent(order=order, payment=payment, grant=grant, provider_ref=reference, by=by, at=at)
    return grant


def _lock(grant_id: int) -> tuple[Order, Payment, RefundGrant]:
    order_id = RefundGrant.objects.values_list("payment__order_id", flat=True).get(pk=grant_id)
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
    payment = Payment.objects.select_for_update().get(order=order)
    return order, payment, RefundGrant.objects.select_for_update().get(pk=grant_id)
