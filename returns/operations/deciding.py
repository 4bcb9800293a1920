"""Agree to a return, or decline it with a reason."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from orders.operations.exchanging import add_exchange
from returns.models import CaseLine, ReturnCase
from returns.operations.cases import lock_case, record_step
from returns.rules import states
from shop.models import User
from shop.operations import stock


class ReasonMissing(Exception):
    """A return is never declined without telling the shopper why."""


@transaction.atomic
def approve_return(*, case_id: int, by: User, at: datetime) -> ReturnCase:
    """Agree to a return as it was asked for; pieces wanted in exchange are spoken for and planned at once.

    Raises NotNow when somebody decided before, SoldOut when a piece wanted in exchange is gone: then nothing has
    changed and approve_with_refund is the way.
    """
    case = lock_case(case_id)
    states.require(case.status, ReturnCase.Status.APPROVED)
    for line in _in_turn(case):
        if line.wanted == CaseLine.Resolution.EXCHANGE:
            _plan_exchange(case, line, by, at)
        else:
            _grant_refund(line)
    return _approved(case, by, at)


@transaction.atomic
def approve_with_refund(*, case_id: int, by: User, at: datetime) -> ReturnCase:
    """Agree to a return with money back for every line, also where an exchange was wanted.  Raises NotNow."""
    case = lock_case(case_id)
    states.require(case.status, ReturnCase.Status.APPROVED)
    for line in case.lines.order_by("id"):
        _grant_refund(line)
    return _approved(case, by, at)


@transaction.atomic
def decline_return(*, case_id: int, reason: str, by: User, at: datetime) -> ReturnCase:
    """Decline a return; the shopper reads `reason` as it stands.  Raises NotNow, ReasonMissing."""
    case = lock_case(case_id)
    states.require(case.status, ReturnCase.Status.DECLINED)
    if not reason.strip():
        raise ReasonMissing
    case.status = ReturnCase.Status.DECLINED
    case.decline_reason = reason.strip()
    _decided(case, by, at, "decline_reason")
    record_step(case, "declined", at=at, by=by)
    return case


def _in_turn(case: ReturnCase) -> list[CaseLine]:
    """Return the lines in the order in which stock levels are locked everywhere."""
    lines = list(case.lines.select_related("order_line").order_by("id"))
    turn = stock.turns(line.exchange_variant_id for line in lines if line.exchange_variant_id)
    return sorted(lines, key=lambda line: (turn.get(line.exchange_variant_id or 0, 0), line.pk))


def _plan_exchange(case: ReturnCase, line: CaseLine, by: User, at: datetime) -> None:
    assert line.exchange_variant_id is not None  # noqa: S101 -- the constraint exchange_names_a_variant holds it
    line.exchange_line = add_exchange(
        order_id=case.order_id,
        exchange_of_id=line.order_line_id,
        variant_id=line.exchange_variant_id,
        quantity=line.quantity,
        key=f"returns.case-line:{line.pk}",
        by=by,
        at=at,
    )
    line.granted = CaseLine.Resolution.EXCHANGE
    line.save(update_fields=["exchange_line", "granted"])


def _grant_refund(line: CaseLine) -> None:
    line.granted = CaseLine.Resolution.REFUND
    line.save(update_fields=["granted"])


def _approved(case: ReturnCase, by: User, at: datetime) -> ReturnCase:
    case.status = ReturnCase.Status.APPROVED
    _decided(case, by, at)
    record_step(case, "approved", at=at, by=by)
    return case


def _decided(case: ReturnCase, by: User, at: datetime, *more: str) -> None:
    """Write who decided and when.  From here on it is the shopper's turn, so no day of ours is open."""
    case.decided_at, case.decided_by, case.due_on = at, by, None
    case.save(update_fields=["status", "decided_at", "decided_by", "due_on", *more])
