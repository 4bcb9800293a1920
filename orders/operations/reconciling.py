"""Match the bank's lines with orders: what is certain is noted, everything else waits for a person.

Source: commerce reference d.4; reliability reference T11.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from orders.models import BankLine, Order, Payment, PaymentEvent
from orders.operations.paying import NOTED_BY_HAND, note_bank_money
from orders.rules.payment import BY_HAND
from orders.rules.statements import StatementLine, ground_of, order_numbers, verdict
from shop.models import User

State = BankLine.State


class NotOpen(Exception):
    """Somebody decided about this line before."""


class NoSuchOrder(Exception):
    """No order of that number waits for money that comes by transfer."""


@dataclass(frozen=True)
class Outcome:
    """What a line is, or was when it is not `new`: its state, the order's number and a word why not."""

    line: StatementLine
    state: str
    number: str = ""
    why: str = ""
    new: bool = True


def look_at(line: StatementLine, *, at: datetime) -> Outcome:
    """Return what taking in a line at `at` would make of it; nothing is written."""
    known = BankLine.objects.filter(key=line.key).select_related("order").first()
    if known is not None:
        return Outcome(line, known.state, known.order.number if known.order else "", known.why, new=False)
    if line.amount_minor <= 0:
        return Outcome(line, State.SET_ASIDE, why="money that left")
    if line.came_back:
        return Outcome(line, State.UNKNOWN, why="a payment of ours that came back")
    found = _orders_named(line)
    if len(found) != 1:
        return Outcome(line, State.UNKNOWN, why="names no order" if not found else "names several orders")
    return _judge(line, found[0], at)


@transaction.atomic
def take_in(line: StatementLine, *, at: datetime) -> Outcome:
    """Take in one line of a statement and note its money when it is certain whose it is.  The same line once.

    The lines of one file are taken in with one `at`: that is how another file is known.
    """
    order_id = next(iter(_ids_named(line)), None)
    if order_id is not None:  # the order before its money, as everywhere; then look again
        Order.objects.select_for_update().get(pk=order_id)
    outcome = look_at(line, at=at)
    if not outcome.new:
        return outcome
    row, new = BankLine.objects.get_or_create(
        key=line.key,
        defaults={
            "booked_on": line.booked_on,
            "amount_minor": line.amount_minor,
            "currency": line.currency,
            "payer": line.payer[:140],
            "purpose": line.purpose[:500],
            "state": State.SET_ASIDE if outcome.state == State.SET_ASIDE else State.UNKNOWN,
            "why": outcome.why,
            "imported_at": at,
        },
    )
    if new and outcome.number:
        _note(row, Order.objects.get(number=outcome.number), outcome.state, by=None, at=at)
    return outcome


@transaction.atomic
def assign_line(*, line_id: int, number: str, by: User, at: datetime) -> BankLine:
    """Say which order an unknown line is for; its money is noted.  Raises NotOpen, NoSuchOrder."""
    order = Order.objects.select_for_update().filter(number=number.strip().upper()).first()
    row = _lock_open(line_id)
    payment = Payment.objects.filter(order=order).first()
    if order is None or payment is None or payment.provider not in BY_HAND or row.currency != payment.currency:
        raise NoSuchOrder
    return _note(row, order, verdict(amount_minor=row.amount_minor, open_minor=payment.open_minor), by=by, at=at)


@transaction.atomic
def set_aside(*, line_id: int, why: str, by: User) -> BankLine:
    """Say that a line is not for an order, and why.  Raises NotOpen."""
    row = _lock_open(line_id)
    row.state, row.why, row.decided_by = State.SET_ASIDE, why[:200], by
    row.save(update_fields=["state", "why", "decided_by"])
    return row


def _lock_open(line_id: int) -> BankLine:
    row = BankLine.objects.select_for_update().get(pk=line_id)
    if row.state != State.UNKNOWN:
        raise NotOpen
    return row


def _note(row: BankLine, order: Order, state: str, *, by: User | None, at: datetime) -> BankLine:
    event: PaymentEvent = note_bank_money(
        order_id=order.pk, amount_minor=row.amount_minor, key=f"bank:{row.key}", reference=row.key, by=by, at=at
    )
    row.state, row.order, row.event, row.decided_by, row.why = state, order, event, by, ""
    row.save(update_fields=["state", "order", "event", "decided_by", "why"])
    return row


def _ids_named(line: StatementLine) -> list[int]:
    numbers = order_numbers(line.purpose, prefix=settings.ORDER_PREFIX)
    return list(Order.objects.filter(number__in=numbers).order_by("id").values_list("pk", flat=True))


def _orders_named(line: StatementLine) -> list[Payment]:
    rows = Payment.objects.filter(order_id__in=_ids_named(line)).select_related("order")
    return list(rows.order_by("id"))


def _judge(line: StatementLine, payment: Payment, at: datetime) -> Outcome:
    order = payment.order
    if payment.provider not in BY_HAND or order.status not in {Order.Status.PLACED, Order.Status.CANCELLED}:
        return Outcome(line, State.UNKNOWN, why=f"{order.number} is not paid by transfer")
    if line.currency != payment.currency:
        return Outcome(line, State.UNKNOWN, why=f"{order.number} is in {payment.currency}")
    if twice := _noted_before(line, payment, at):
        return Outcome(line, State.UNKNOWN, why=twice)
    return Outcome(line, verdict(amount_minor=line.amount_minor, open_minor=payment.open_minor), order.number)


def _noted_before(line: StatementLine, payment: Payment, at: datetime) -> str:
    """Return why this may be money that is noted already, in other words: only a person can tell; else nothing.

    Noted by hand in the same sum, or booked from another file on the same day in the same sum: banks write one
    movement differently in each kind of export, so that their keys differ.
    """
    number = payment.order.number
    by_hand = payment.events.filter(
        kind=PaymentEvent.Kind.CAPTURE,
        phase=PaymentEvent.Phase.SUCCEEDED,
        amount_minor=line.amount_minor,
        key__startswith=NOTED_BY_HAND,
    )
    if by_hand.exists():
        return f"somebody noted this sum for {number} by hand: the same money?"
    booked = BankLine.objects.filter(
        order=payment.order, booked_on=line.booked_on, amount_minor=line.amount_minor, event__isnull=False
    )
    others = booked.exclude(imported_at=at).exclude(key__startswith=f"{ground_of(line.key)}:")
    return f"another file has this sum for {number} on this day: the same money?" if others.exists() else ""
