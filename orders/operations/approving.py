"""The second person: refunds above the limit go out only when somebody else agrees.

Source: reliability reference T13.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from orders.models import Order, Payment, RefundGrant
from orders.operations.refunding import announce_grant, give_back_rest, withdraw_grant
from shop.models import User


class NotAsked(Exception):
    """Nobody is asked about this refund (any more)."""


class SamePerson(Exception):
    """Who decided on a refund does not approve it."""


class NotAllowed(Exception):
    """The right to approve is gone, or never was there."""


class BelongsToReturn(Exception):
    """The money of a return is owed: it can be approved, not refused."""


@transaction.atomic
def approve_refund(*, grant_id: int, by: User, at: datetime) -> RefundGrant:
    """Agree to a refund somebody else decided on; a worker carries it out.

    Raises NotAsked, SamePerson, NotAllowed.
    """
    order, _payment, grant = _lock(grant_id)
    if by.pk == grant.granted_by_id:
        raise SamePerson
    _require_right(by)
    RefundGrant.objects.filter(pk=grant.pk).update(
        state=RefundGrant.State.GRANTED, decided_by=by, decided_at=at, due_at=Now()
    )
    announce_grant(grant, order, by=by, at=at)
    grant.refresh_from_db()
    return grant


@transaction.atomic
def refuse_refund(*, grant_id: int, by: User, at: datetime) -> RefundGrant:
    """Let a refund go that waits for a second person; who decided on it may take it back herself.

    Of an order that is cancelled everything goes back all the same.  Raises NotAsked, NotAllowed, BelongsToReturn.
    """
    order, payment, grant = _lock(grant_id)
    if by.pk != grant.granted_by_id:
        _require_right(by)
    if grant.origin.startswith("returns."):
        raise BelongsToReturn
    withdraw_grant(grant, order=order, payment=payment, by=by, at=at)
    if order.status == Order.Status.CANCELLED:
        give_back_rest(order=order, payment=payment, origin=f"orders.cancel:{order.pk}:{grant.pk}", by=by, at=at)
    return grant


def _lock(grant_id: int) -> tuple[Order, Payment, RefundGrant]:
    order_id = RefundGrant.objects.values_list("payment__order_id", flat=True).get(pk=grant_id)
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
    payment = Payment.objects.select_for_update().get(order=order)
    grant = RefundGrant.objects.select_for_update().get(pk=grant_id)
    if grant.state != RefundGrant.State.ASKED:
        raise NotAsked
    return order, payment, grant


def _require_right(by: User) -> None:
    """Ask the database, not the session: somebody demoted a moment ago has no right any more."""
    if not User.objects.get(pk=by.pk).has_perm("orders.approve_refund"):
        raise NotAllowed
