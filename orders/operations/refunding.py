"""Money that goes back: decided once, for named pieces, never more than came in; a worker carries it out.

Source: commerce reference d.4, reliability reference D8, T10.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_noop

from orders.messages.refund_reasons import said_to_her
from orders.models import Order, Payment, PaymentEvent, RefundGrant, RefundItem
from orders.operations.limits import needs_another
from orders.queries.shares import slots_of
from orders.rules.payment import credit_part
from orders.rules.shares import Amount, Beyond, Everything, MoreThanPaid, What, parts_of
from shop import doorbell
from shop.models import User
from shop.operations.events import record_event


class NothingToRefund(Exception):
    """So much did not come in, or was granted already; `open_minor` is what can still go back (minor units)."""

    def __init__(self, open_minor: int) -> None:
        super().__init__(str(open_minor))
        self.open_minor = open_minor


@transaction.atomic
def grant_refund(
    *,
    order_id: int,
    amount_minor: int,
    reason: str,
    origin: str,
    by: User | None,
    at: datetime,
    what: What | None = None,
    destination: str = RefundGrant.Destination.ORIGINAL,
) -> RefundGrant:
    """Decide that money goes back; the same `origin` (such as `returns.case:12`) decides once.

    `what` says for what: pieces, a line, everything; without it the delivery fee comes first, then all pieces alike.
    What a person decides above the limits of an order, of her day or of the customer waits for a second one.
    Raises NothingToRefund when more would be granted than was received, MoreThanPaid and NoSuchPiece for what is gone.
    """
    Order.objects.select_for_update().get(pk=order_id)  # the order before its money, as everywhere
    payment = Payment.objects.select_for_update().get(order_id=order_id)
    known = RefundGrant.objects.filter(origin=origin).first()
    if known is not None:
        return known
    return write_grant(
        payment=payment,
        amount_minor=amount_minor,
        reason=reason,
        origin=origin,
        by=by,
        at=at,
        what=what,
        destination=destination,
        needs_second=by is not None
        and needs_another(by, order_id=order_id, amount_minor=amount_minor, owed=origin.startswith("returns."), at=at),
    )


def write_grant(
    *,
    payment: Payment,
    amount_minor: int,
    reason: str,
    origin: str,
    by: User | None,
    at: datetime,
    what: What | None = None,
    destination: str = RefundGrant.Destination.ORIGINAL,
    needs_second: bool = False,
) -> RefundGrant:
    """Take the amount from what may still go back and write the decision; call with the payment locked.

    Raises NothingToRefund, MoreThanPaid, NoSuchPiece.
    """
    if amount_minor <= 0 or not reserve(payment_id=payment.pk, amount_minor=amount_minor):
        payment.refresh_from_db()
        raise NothingToRefund(payment.captured_minor - payment.charged_back_minor - payment.granted_minor)
    grant = RefundGrant.objects.create(
        payment=payment,
        amount_minor=amount_minor,
        reason=reason[:200],
        origin=origin,
        destination=destination,
        credit_minor=_credit_part(payment, amount_minor, destination),
        state=RefundGrant.State.ASKED if needs_second else RefundGrant.State.GRANTED,
        needs_second=needs_second,
        granted_by=by,
        granted_at=at,
    )
    _write_items(grant, payment.order, what)
    if needs_second:
        _record("orders.refund.asked", grant, payment.order, by, at)
    else:
        announce_grant(grant, payment.order, by=by, at=at)
    payment.refresh_from_db()
    return grant


def withdraw_grant(grant: RefundGrant, *, order: Order, payment: Payment, by: User | None, at: datetime) -> None:
    """End a refund that waits for a second person; what it took may go back otherwise.  Call with all three locked."""
    beyond = grant.items.filter(line=None, number=0).aggregate(sum=Coalesce(Sum("amount_minor"), 0))["sum"]
    Payment.objects.filter(pk=payment.pk).update(
        granted_minor=F("granted_minor") - grant.amount_minor, beyond_minor=F("beyond_minor") - beyond
    )
    grant.items.all().delete()
    grant.state, grant.decided_by, grant.decided_at = RefundGrant.State.REFUSED, by, at
    grant.save(update_fields=["state", "decided_by", "decided_at"])
    _record("orders.refund.refused", grant, order, by, at)
    payment.refresh_from_db()


def give_back_rest(*, order: Order, payment: Payment, origin: str, by: User | None, at: datetime) -> None:
    """Grant back all that came in for a cancelled order and has not gone back; call with both locked.

    A refund that waits for a second person is withdrawn first: what it would give back goes back here, and whether
    somebody agrees to it must not decide whether she gets her money.
    """
    for grant in payment.grants.select_for_update().filter(state=RefundGrant.State.ASKED).order_by("id"):
        withdraw_grant(grant, order=order, payment=payment, by=by, at=at)
    open_minor = payment.captured_minor - payment.charged_back_minor - payment.granted_minor
    if open_minor > 0:
        reason = said_to_her(order, gettext_noop("The order was cancelled."))
        write_grant(payment=payment, amount_minor=open_minor, reason=reason, origin=origin, by=by, at=at)


def announce_grant(grant: RefundGrant, order: Order, *, by: User | None, at: datetime) -> None:
    """Tell that a refund is decided, and let a worker carry it out."""
    _record("orders.refund.granted", grant, order, by, at, for_customer=True)
    doorbell.ring("orders.execute_refunds")


def _credit_part(payment: Payment, amount_minor: int, destination: str) -> int:
    if destination == RefundGrant.Destination.STORE_CREDIT:
        return amount_minor
    if destination == RefundGrant.Destination.BANK or not _credit_came_in(payment):
        return 0
    living = payment.grants.exclude(state=RefundGrant.State.REFUSED).aggregate(
        back=Coalesce(Sum("amount_minor"), 0), credit=Coalesce(Sum("credit_minor"), 0)
    )
    return credit_part(
        amount_minor=amount_minor,
        captured_minor=payment.captured_minor,
        credit_minor=payment.credit_minor,
        back_minor=living["back"],
        back_credit_minor=living["credit"],
    )


def _credit_came_in(payment: Payment) -> bool:
    """Tell whether store credit is among what was received: of an order that was let go it went back by itself."""
    came_in = payment.events.filter(kind=PaymentEvent.Kind.CAPTURE, means=PaymentEvent.Means.STORE_CREDIT)
    return payment.credit_minor > 0 and came_in.filter(phase=PaymentEvent.Phase.SUCCEEDED).exists()


def _write_items(grant: RefundGrant, order: Order, what: What | None) -> None:
    """Write for what the money goes back; what no slot holds was paid beyond the price."""
    slots = slots_of(order)
    left = sum(slot.left_minor for slot in slots)
    wanted = what or (Everything() if grant.amount_minor >= left else Amount(grant.amount_minor))
    parts, beyond = parts_of(slots, wanted, grant.amount_minor)
    worth_less = beyond not in {0, grant.amount_minor - left}
    if worth_less and not isinstance(wanted, Beyond):  # pieces cost less than what was asked for them
        raise MoreThanPaid(grant.amount_minor - beyond)
    items = [
        RefundItem(
            grant=grant,
            line_id=part.slot.line_id,
            number=part.slot.number,
            whole=part.whole,
            amount_minor=part.amount_minor,
            tax_minor=part.tax_minor,
            tax_rate_bp=part.slot.rate_bp,
        )
        for part in parts
    ]
    if beyond:
        Payment.objects.filter(pk=grant.payment_id).update(beyond_minor=F("beyond_minor") + beyond)
        items.append(RefundItem(grant=grant, number=0, amount_minor=beyond, tax_minor=0, tax_rate_bp=0))
    RefundItem.objects.bulk_create(items)


def _record(
    name: str, grant: RefundGrant, order: Order, by: User | None, at: datetime, *, for_customer: bool = False
) -> None:
    record_event(
        name=name,
        subject=f"orders.refund:{grant.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk, "grant_id": grant.pk},
        actor=by,
        for_customer=for_customer,
        at=at,
    )


def reserve(*, payment_id: int, amount_minor: int) -> bool:
    """Take an amount from what may still go back, in one guarded statement; tell whether it was there."""
    taken = F("granted_minor") + F("charged_back_minor")
    enough = Payment.objects.filter(pk=payment_id, captured_minor__gte=taken + amount_minor)
    return enough.update(granted_minor=F("granted_minor") + amount_minor) == 1
