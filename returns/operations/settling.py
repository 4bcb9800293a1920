"""Settle a return: grant the money of what came back.  Pieces sent in exchange were planned when it was agreed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from orders.messages.refund_reasons import said_to_her
from orders.models import Payment
from orders.operations.refunding import grant_refund
from orders.rules.shares import Pieces
from returns.models import ReturnCase
from returns.operations.cases import lock_case, record_step
from returns.queries.refunds import lines_of, worth_of_case
from returns.rules import amounts, states
from shop.models import User


@transaction.atomic
def settle_return(*, case_id: int, by: User, at: datetime) -> ReturnCase:
    """Settle a return that was received: the refund becomes a grant, which a worker pays out.

    Raises NotNow, and NotPaidYet when the order's own money has not come in.
    """
    return settle_locked(lock_case(case_id), by=by, at=at)


def settle_locked(case: ReturnCase, *, by: User, at: datetime) -> ReturnCase:
    """Settle a case that is locked with its order, inside the caller's transaction.  Raises as settle_return."""
    states.require(case.status, ReturnCase.Status.SETTLED)
    lines = lines_of(case)
    worth = worth_of_case(case, lines)
    refund = worth.refund
    granted = _payable(case, refund)
    for line, amount in zip(lines, refund.lines_minor, strict=True):
        line.amount_minor = amount
        line.save(update_fields=["amount_minor"])
    if granted:
        grant_refund(
            order_id=case.order_id,
            amount_minor=granted,
            reason=said_to_her(case.order, gettext_noop("Return %(number)s")) % {"number": case.number},
            origin=origin_of(case),
            by=by,
            at=at,
            what=Pieces(worth.pieces, delivery=refund.delivery_minor > 0),
        )
    case.status = ReturnCase.Status.SETTLED
    case.delivery_minor, case.wrap_minor, case.refund_minor = refund.delivery_minor, refund.wrap_minor, granted
    case.settled_at, case.settled_by, case.due_on = at, by, None
    money = ["delivery_minor", "wrap_minor", "refund_minor"]
    case.save(update_fields=["status", *money, "settled_at", "settled_by", "due_on"])
    record_step(case, "settled", at=at, by=by)
    return case


def origin_of(case: ReturnCase) -> str:
    """Return the origin of this case's refund: unique, so that a case is paid out once."""
    return f"returns.case:{case.pk}"


def _payable(case: ReturnCase, refund: amounts.Refund) -> int:
    payment = Payment.objects.select_for_update().get(order=case.order)
    return amounts.payable(
        total_minor=refund.total_minor,
        due_minor=payment.due_minor,
        captured_minor=payment.kept_minor,
        granted_minor=payment.granted_minor - payment.beyond_minor,
    )
