"""Withdraw from a contract: the statement is received, whatever we think of it, and its receipt follows by mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from orders.models import Order
from returns.models import Withdrawal
from returns.operations.carrying_out import follow_up, take_effect
from returns.queries.lines import shop_day
from returns.queries.withdrawals import open_withdrawals
from returns.rules import policy
from shop.models import User
from shop.operations.events import record_event


@dataclass(frozen=True)
class Statement:
    """What somebody states; `pieces` is empty when it is about the whole order.

    `units` is how many pieces of each order line she ticked; empty where she did not tick but wrote.
    """

    order_number: str
    name: str
    email: str
    pieces: str
    locale: str
    units: Mapping[int, int] = field(default_factory=dict)


class SettledAlready(Exception):
    """Somebody has dealt with this withdrawal before."""


@transaction.atomic
def declare_withdrawal(
    *, statement: Statement, submission_key: UUID, at: datetime, order_id: int | None = None
) -> Withdrawal:
    """Receive a statement; sent again with the same key, answer with the one that is there.

    `order_id` is the order whose secret link was used, or that is in her account: then it takes effect at once.
    Without it the order is the one of number and address, if there is such an order; whoever states it learns nothing
    of that, and a person deals with it.  Source: Directive 2011/83/EU art. 11a.
    """
    order = _order_of(statement, order_id)
    withdrawal, fresh = Withdrawal.objects.get_or_create(
        submission_key=submission_key,
        defaults={
            "order": order,
            "order_number": order.number if order else statement.order_number,
            "name": statement.name,
            "email": statement.email,
            "pieces": statement.pieces,
            "locale": statement.locale,
            "declared_at": at,
            "due_on": policy.pay_back_by(shop_day(at)),
        },
    )
    if fresh:
        _record(withdrawal, "declared", at=at)
    if fresh and order_id is not None and order is not None:
        _take_effect(withdrawal, order, statement, at)
    return withdrawal


def _take_effect(withdrawal: Withdrawal, order: Order, statement: Statement, at: datetime) -> None:
    """Let it do what it means; what she wrote in words of her own is read by a person."""
    if statement.pieces and not statement.units:
        return
    take_effect(withdrawal, order=order, units=statement.units if statement.pieces else None, at=at)
    if withdrawal.settled_at is not None:
        _record(withdrawal, "settled", at=at)


@transaction.atomic
def follow_withdrawals(*, order_id: int, at: datetime) -> None:
    """Take withdrawn pieces back that have arrived since; what is settled with that is recorded so."""
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
    for withdrawal in open_withdrawals(order):
        if follow_up(withdrawal, order=order, at=at) and withdrawal.settled_at is not None:
            _record(withdrawal, "settled", at=at)


@transaction.atomic
def settle_withdrawal(*, withdrawal_id: int, by: User, at: datetime) -> Withdrawal:
    """Note that a withdrawal is dealt with: cancelled, taken back or answered.  Raises SettledAlready."""
    withdrawal = Withdrawal.objects.select_for_update(of=("self",)).select_related("order").get(pk=withdrawal_id)
    if withdrawal.settled_at is not None:
        raise SettledAlready
    withdrawal.settled_at, withdrawal.settled_by = at, by
    withdrawal.save(update_fields=["settled_at", "settled_by"])
    _record(withdrawal, "settled", at=at, by=by)
    return withdrawal


def _order_of(statement: Statement, order_id: int | None) -> Order | None:
    """Lock and return the order a statement is about; None when we do not know it."""
    rows = Order.objects.select_for_update(of=("self",)).select_related("customer", "service__workshop__calendar")
    if order_id is not None:
        return rows.get(pk=order_id)
    return rows.filter(number=statement.order_number, email__iexact=statement.email).order_by("id").first()


def _record(withdrawal: Withdrawal, step: str, *, at: datetime, by: User | None = None) -> None:
    order = withdrawal.order
    record_event(
        name=f"returns.withdrawal.{step}",
        subject=f"returns.withdrawal:{withdrawal.pk}",
        order_number=order.number if order else "",
        customer=order.customer if order else None,
        payload={"withdrawal_id": withdrawal.pk} | ({"order_id": order.pk} if order else {}),
        actor=by,
        actor_kind="customer",
        for_customer=order is not None and step == "declared",
        at=at,
    )
