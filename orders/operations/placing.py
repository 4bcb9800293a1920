"""Place an order: claim the submission, prepare under lock, pay outside any transaction, finish.

However often and however concurrently one submission is sent there is one order; a claim whose process died is
finished by the next press of the button or by the sweep.
Source: commerce reference 2.B, b-3, b-4; reliability reference D7, T04.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from orders.models import Order, Submission
from orders.operations.finishing import LEASE, PaymentDeclined, finish, finish_submission
from orders.operations.preparing import prepare
from orders.rules.checkout import CheckoutRequest
from orders.rules.guard import Shown
from shop.models import User

WAIT_SECONDS, LOOK_EVERY_SECONDS = 3.0, 0.05


class SubmissionReused(Exception):
    """The same page was sent before with other content; nothing was written."""


@dataclass(frozen=True)
class _Claim:
    submission: Submission
    new: bool


def place_order(
    *,
    key: UUID,
    cart_id: int,
    request: CheckoutRequest,
    shown: Shown,
    customer: User | None = None,
    at: datetime,
) -> Order:
    """Place the order of one submission and return it; sent again, return the same order.

    An order whose payment has no answer yet comes back in state `placing`: it is finished by the sweep.
    Raises SubmissionReused, PaymentDeclined and whatever `prepare` refuses with; after a refusal before payment
    nothing is written, not even the claim.
    """
    claim = _claim_and_prepare(key, cart_id, request, shown, customer, at)
    if claim.new:
        return finish(claim.submission, at=at)
    if _take_over(claim.submission):
        return finish_submission(submission_id=claim.submission.pk, at=at)
    return _wait_for_winner(claim.submission)


def replayed(*, key: UUID, cart_id: int, request: CheckoutRequest) -> bool:
    """Tell whether exactly this was sent before.  One query."""
    return Submission.objects.filter(key=key, fingerprint=request.fingerprint(cart_id)).exists()


@transaction.atomic
def _claim_and_prepare(
    key: UUID, cart_id: int, request: CheckoutRequest, shown: Shown, customer: User | None, at: datetime
) -> _Claim:
    fingerprint = request.fingerprint(cart_id)
    mine = _insert_claim(key, fingerprint, request.payment_token, at)
    if mine is not None:
        mine.order = prepare(cart_id=cart_id, request=request, shown=shown, customer=customer, at=at)
        mine.save(update_fields=["order"])
        return _Claim(mine, new=True)
    submission = Submission.objects.get(key=key)
    if submission.fingerprint != fingerprint:
        raise SubmissionReused
    return _Claim(submission, new=False)


def _insert_claim(key: UUID, fingerprint: str, payment_token: str, at: datetime) -> Submission | None:
    """Insert the claim and return it, None when it is there; one in flight is waited for until it stands or falls."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO orders_submission (key, fingerprint, state, payment_token, claimed_at, lease_until)
            VALUES (%s, %s, 'claimed', %s, %s, statement_timestamp() + make_interval(secs => %s))
            ON CONFLICT (key) DO NOTHING RETURNING id, lease_until
            """,
            [key, fingerprint, payment_token, at, LEASE.total_seconds()],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return Submission(
        id=row[0], key=key, fingerprint=fingerprint, payment_token=payment_token, claimed_at=at, lease_until=row[1]
    )


def _take_over(submission: Submission) -> bool:
    """Take over a claim whose lease ran out; tell whether we have it now."""
    dead = Submission.objects.filter(pk=submission.pk, state=Submission.State.CLAIMED, lease_until__lt=Now())
    return dead.update(lease_until=Now() + LEASE) == 1


def _wait_for_winner(submission: Submission) -> Order:
    """Wait a moment for whoever has the claim and return its order, finished or not.  Raises PaymentDeclined."""
    for _look in range(int(WAIT_SECONDS / LOOK_EVERY_SECONDS)):
        submission = Submission.objects.select_related("order__payment").get(pk=submission.pk)
        if submission.state != Submission.State.CLAIMED or _pays_elsewhere(submission):
            break
        time.sleep(LOOK_EVERY_SECONDS)
    if submission.order is None:  # the claim and its order are written together
        raise RuntimeError(f"submission {submission.pk} has no order")
    if submission.state == Submission.State.REFUSED:
        raise PaymentDeclined(submission.order)
    return submission.order


def _pays_elsewhere(submission: Submission) -> bool:
    """Tell whether the shopper pays on the provider's page now: there is nothing to wait for here."""
    return submission.order is not None and submission.order.payment.session_url != ""
