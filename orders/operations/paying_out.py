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
from orders.operations.ledger import part_sent, refund_asked, refund_bounced, refund_sent
from orders.queries.sent_back import bank_has, left_to_send, parts_to_send, received_sums, was_asked
from orders.rules.payment import BY_HAND, spread
from shop.models import User
from shop.operations.leases import lease_due
from shop.rules.money import Money

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 8
BATCH = 20


class NotByHand(Exception):
    """This refund is not waiting for somebody to pay it out."""


class BankHasIt(Exception):
    """Her bank has taken the money back already: paid out, it would be with her twice."""


def execute_refunds(at: datetime) -> int:
    """Carry out the refunds that are due, at most one batch; return how many were settled or put off.

    A refund is taken of the sums that came in, the oldest that has room first.  The provider is asked outside any
    transaction, once for each of them under a key of its own, so that asking twice pays once.
    """
    claimed = lease_due(RefundGrant, state=RefundGrant.State.GRANTED, lease=LEASE, most=BATCH)
    for grant_id, attempt in claimed:
        _execute(grant_id=grant_id, attempt=attempt, at=at)
    return len(claimed)


def _execute(*, grant_id: int, attempt: int, at: datetime) -> None:
    """Send what is open of one refund, part by part; each part that is sent stands, whatever becomes of the others."""
    problem = ""
    for part in _plan(grant_id, at):
        try:
            reference = _send(part)
        except PayOutByHand:
            continue
        except (Declined, OutcomeUnknown) as no:
            log.warning("part %s of refund %s was not carried out: %s", part.pk, grant_id, type(no).__name__)
            problem = type(no).__name__
        else:
            _note_sent(grant_id, part, reference, at)
    if problem:
        _put_off(grant_id, attempt, problem)
    else:
        _close(grant_id, attempt, at)


@transaction.atomic
def _plan(grant_id: int, at: datetime) -> list[PaymentEvent]:
    """Decide once of which received sums a refund is taken, and write it down; return the parts that are still open.

    Of what her bank took back nothing is asked.
    """
    _order, payment, grant = _lock(grant_id)
    if bank_has(payment, grant) and not was_asked(grant):
        return []
    if grant.destination != RefundGrant.Destination.BANK and payment.provider not in BY_HAND and not was_asked(grant):
        sums, elsewhere = received_sums(payment)
        for received_id, part_minor in spread(left_to_send(grant), sums, elsewhere_minor=elsewhere):
            received = payment.events.get(pk=received_id)
            refund_asked(payment=payment, grant=grant, received=received, amount_minor=part_minor, at=at)
    return parts_to_send(grant)


def _send(part: PaymentEvent) -> str:
    """Ask the provider for one part; asked again under its key, it is sent once.  Raises what a gateway raises."""
    return gateway(part.payment.provider).refund(
        key=_key(part),
        charge_reference=part.of.provider_ref if part.of else "",
        amount=Money(part.amount_minor, part.payment.currency),
    )


def _key(part: PaymentEvent) -> str:
    """Return the key the provider knows a part by; a refund of the first sum alone keeps the one it always had."""
    grant_id = part.key.split(":")[1]
    first = part.payment.events.filter(kind=PaymentEvent.Kind.CAPTURE, phase=PaymentEvent.Phase.SUCCEEDED)
    alone = not part.payment.events.filter(key__startswith=f"grant:{grant_id}:of:").exclude(key=part.key).exists()
    oldest = first.filter(means=PaymentEvent.Means.PROVIDER).order_by("id").first()
    return f"refund:{grant_id}" if alone and part.of == oldest else f"refund:{grant_id}:{part.of_id}"


@transaction.atomic
def _note_sent(grant_id: int, part: PaymentEvent, reference: str, at: datetime) -> None:
    order, payment, _grant = _lock(grant_id)
    part_sent(order=order, payment=payment, asked=part, provider_ref=reference, at=at)


@transaction.atomic
def _close(grant_id: int, attempt: int, at: datetime) -> None:
    """Close a refund that is sent as a whole; what no provider sends waits for a person, and what she has for her bank.

    Source: reliability reference T11 (no money goes back twice, nor into store credit what the card gave back).
    """
    order, payment, grant = _lock(grant_id)
    if grant.state != RefundGrant.State.GRANTED:
        return
    if bank_has(payment, grant):
        _put(grant_id, attempt, RefundGrant.State.DISPUTED)
    elif left_to_send(grant):
        _put(grant_id, attempt, RefundGrant.State.BY_HAND)
    else:
        refund_sent(order=order, payment=payment, grant=grant, provider_ref="", by=None, at=at)


def _put(grant_id: int, attempt: int, state: RefundGrant.State) -> None:
    mine = RefundGrant.objects.filter(pk=grant_id, attempts=attempt, state=RefundGrant.State.GRANTED)
    mine.update(state=state, lease_until=None, error="")


@transaction.atomic
def _put_off(grant_id: int, attempt: int, problem: str) -> None:
    _order, payment, grant = _lock(grant_id)
    mine = RefundGrant.objects.filter(pk=grant_id, attempts=attempt, state=RefundGrant.State.GRANTED)
    if attempt >= MAX_ATTEMPTS:
        state = RefundGrant.State.DISPUTED if bank_has(payment, grant) else RefundGrant.State.FAILED
        mine.update(state=state, lease_until=None, error=problem)
    else:
        pause = timedelta(seconds=min(2**attempt, 300))
        mine.update(due_at=Now() + pause, lease_until=None, error=problem)


def settle_by_hand(*, grant_id: int, reference: str, by: User, at: datetime) -> RefundGrant:
    """Note that somebody paid a refund out: by transfer, or when the card refused it for good.

    Raises NotByHand when it is not waiting for that, BankHasIt while it is in dispute; noting it twice changes nothing.
    """
    state = RefundGrant.objects.values_list("state", flat=True).get(pk=grant_id)
    if state == RefundGrant.State.DISPUTED:
        raise BankHasIt
    if state not in {RefundGrant.State.BY_HAND, RefundGrant.State.FAILED, RefundGrant.State.SENT}:
        raise NotByHand
    return _settle(grant_id=grant_id, reference=reference, by=by, at=at)


@transaction.atomic
def note_bounced(*, grant_id: int, reference: str, at: datetime) -> RefundGrant:
    """Note that a refund the provider had taken came back to us; a person pays it out.  Safe to run twice."""
    order, payment, grant = _lock(grant_id)
    mine = payment.events.filter(provider_ref=reference, key__startswith=f"grant:{grant.pk}:")
    sent = mine.filter(kind=PaymentEvent.Kind.REFUND, phase=PaymentEvent.Phase.SUCCEEDED).order_by("id").first()
    if sent is not None and not mine.filter(kind=PaymentEvent.Kind.BOUNCED).exists():
        refund_bounced(order=order, payment=payment, grant=grant, sent=sent, at=at)
    return grant


@transaction.atomic
def _settle(*, grant_id: int, reference: str, by: User | None, at: datetime) -> RefundGrant:
    order, payment, grant = _lock(grant_id)
    if grant.state != RefundGrant.State.SENT:
        if bank_has(payment, grant):
            raise BankHasIt
        refund_sent(order=order, payment=payment, grant=grant, provider_ref=reference, by=by, at=at)
    return grant


def _lock(grant_id: int) -> tuple[Order, Payment, RefundGrant]:
    order_id = RefundGrant.objects.values_list("payment__order_id", flat=True).get(pk=grant_id)
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
    payment = Payment.objects.select_for_update().get(order=order)
    return order, payment, RefundGrant.objects.select_for_update().get(pk=grant_id)
