"""Faults of ours: found once, regretted once, with a gesture as long as the month's budget lasts.

One fault is settled in one transaction: who dies in it leaves the fault due, and the sweep goes on.  The budget is
taken by one guarded UPDATE, after the row of the fault and before the store credit.
Source: issue of the one voice; commerce reference 6.8.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext, override

from orders.models import Order
from orders.operations.credit import give_credit
from shop import doorbell
from shop.messages.languages import known_language
from shop.models import User
from shop.operations.events import record_event
from shop.rules.personal import is_nobody
from support.models import Fault, Gesture, GestureBudget
from support.models.regret import FaultKind
from support.queries.regret import agent_gave, fee_went_back, missed_promises, policies_for, talks_about
from support.rules import regret as rule

log = logging.getLogger(__name__)

BATCH = 50
TRY_AGAIN = timedelta(minutes=15)
_State, _Why = Fault.State, Fault.Why


class AlreadySettled(Exception):
    """The letter is written, or somebody left it out before."""


class LessThanGiven(Exception):
    """A month's budget is no less than what was given of it: `spent_minor`."""

    def __init__(self, spent_minor: int) -> None:
        super().__init__(str(spent_minor))
        self.spent_minor = spent_minor


def note_fault(*, key: str, kind: str, order_id: int, at: datetime, days_late: int = 0) -> None:
    """Keep that something went wrong with an order; the same `key` is the same fault."""
    row = Fault(key=key, kind=kind, order_id=order_id, days_late=days_late, found_at=at, due_at=at)
    Fault.objects.bulk_create([row], ignore_conflicts=True)
    doorbell.ring("support.write_regrets")


@transaction.atomic
def note_piece(*, order_id: int, parcels: Collection[int], at: datetime) -> None:
    """Keep that pieces were wrong or damaged, which came in these parcels of an order, by number.

    One report is one fault however many pieces it names, and so is another one of a parcel that was reported before;
    of a parcel nobody spoke of it is a fault of its own.
    """
    Order.objects.select_for_update(of=("self",)).get(pk=order_id)  # two reports at once must see each other
    for known in Fault.objects.filter(order=order_id, kind=FaultKind.PIECE).order_by("id"):
        if rule.same_report(known.parcels, parcels):
            Fault.objects.filter(pk=known.pk).update(parcels=sorted({*known.parcels, *parcels}))
            return
    first = not Fault.objects.filter(key=f"piece:{order_id}").exists()
    key = f"piece:{order_id}" if first else f"piece:{order_id}:{min(parcels)}"
    row = Fault(key=key, kind=FaultKind.PIECE, order_id=order_id, parcels=sorted(parcels), found_at=at, due_at=at)
    Fault.objects.bulk_create([row], ignore_conflicts=True)
    doorbell.ring("support.write_regrets")


def write_regrets(at: datetime) -> int:
    """Find orders that arrived later than first said, and settle the faults that are due, at most a batch of each.

    Returns how many were found or looked at.  A fault that cannot be settled is put off, so that it holds up no other.
    """
    found = missed_promises(at, most=BATCH)
    for missed in found:
        note_fault(at=at, **missed)
    due = Fault.objects.filter(due_at__lte=at).order_by("due_at", "id")
    ids = list(due.values_list("pk", flat=True)[:BATCH])
    for fault_id in ids:
        try:
            settle_fault(fault_id=fault_id, at=at)
        except Exception as problem:  # one bad row never stops the others
            log.warning("fault %s could not be settled: %s", fault_id, type(problem).__name__)
            Fault.objects.filter(pk=fault_id, due_at__isnull=False).update(due_at=at + TRY_AGAIN)
    return len(found) + len(ids)


@transaction.atomic
def settle_fault(*, fault_id: int, at: datetime) -> None:
    """Regret one fault, leave it out, or look at it later; somebody else's, or a settled one, stays as it is."""
    if not hold_order(fault_id):
        return
    waiting = Fault.objects.select_for_update(of=("self",), skip_locked=True).filter(state=_State.WAITING)
    fault = waiting.select_related("order__customer").filter(pk=fault_id).first()
    if fault is None:
        return
    order = fault.order
    verdict = rule.judge(
        erased=is_nobody(order.email),
        given_by_agent=agent_gave(fault),
        talks=talks_about(order),
        found_at=fault.found_at,
        at=at,
    )
    if verdict.act == rule.Act.WAIT:
        Fault.objects.filter(pk=fault.pk).update(due_at=at + rule.LOOK_AGAIN)
    elif verdict.act == rule.Act.LEAVE:
        _settle(fault, _State.LEFT_OUT, verdict.why, at)
    else:
        _settle(fault, _State.REGRETTED, _give(fault, at), at)
        _record("support.fault.regretted", fault, at)


def hold_order(fault_id: int) -> bool:
    """Lock the order of a fault, so that what a colleague gives for it right now is seen, or waits until we gave.

    Returns False when somebody holds it: the fault stays due, and workers do not queue behind one another.
    """
    order_id = Fault.objects.values_list("order_id", flat=True).get(pk=fault_id)
    orders = Order.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=order_id)
    return orders.order_by("pk").first() is not None


@transaction.atomic
def leave_out(*, fault_id: int, by: User, at: datetime) -> Fault:
    """Write nothing about a fault, because somebody says that it was not ours.  Raises AlreadySettled."""
    fault = Fault.objects.select_for_update(of=("self",)).select_related("order__customer").get(pk=fault_id)
    if fault.state != _State.WAITING:
        raise AlreadySettled
    _settle(fault, _State.LEFT_OUT, _Why.BY_STAFF, at)
    _record("support.fault.left-out", fault, at, by=by)
    return fault


@transaction.atomic
def set_budget(*, month: date, budget_minor: int, by: User, at: datetime) -> GestureBudget:
    """Say how much may be given in a month; what was given stays given.  Raises LessThanGiven."""
    month_on = rule.month_of(month)
    GestureBudget.objects.bulk_create([GestureBudget(month_on=month_on, budget_minor=0)], ignore_conflicts=True)
    row = GestureBudget.objects.select_for_update().get(month_on=month_on)
    if budget_minor < row.spent_minor:
        raise LessThanGiven(row.spent_minor)
    row.budget_minor = budget_minor
    row.save(update_fields=["budget_minor"])
    payload = {"month_on": month_on.isoformat(), "budget_minor": budget_minor}
    name, subject = "support.gestures.budgeted", f"support.gesturebudget:{row.pk}"
    record_event(name=name, subject=subject, payload=payload, actor=by, at=at)
    return row


def budget_of(month_on: date) -> GestureBudget:
    """Return the budget of a month; a new one begins with what the month before it had, the first with nothing."""
    before = GestureBudget.objects.filter(month_on__lt=month_on).order_by("-month_on", "id")
    amount = before.values_list("budget_minor", flat=True).first() or 0
    found, _new = GestureBudget.objects.get_or_create(month_on=month_on, defaults={"budget_minor": amount})
    return found


def _give(fault: Fault, at: datetime) -> str:
    """Give what the policy says for a locked fault; return why nothing was, or an empty text."""
    order = fault.order
    policy = rule.policy_for(policies_for(fault.kind), days_late=fault.days_late)
    amount = rule.gift_minor(policy, order_minor=order.total_minor) if policy else 0
    if policy is None or not amount or order.currency != settings.SHOP_CURRENCY:
        return _Why.POLICY
    if fee_went_back(order):
        return _Why.GUARANTEE
    budget = budget_of(rule.month_of(timezone.localdate(at)))
    if not take(budget, amount):
        return _Why.BUDGET
    entry = give_credit(
        email=order.email,
        amount_minor=amount,
        currency=order.currency,
        reason=_reason(order),
        key=f"gesture:{fault.pk}",
        by=None,
        at=at,
        days=policy.valid_days,
    )
    Gesture.objects.create(fault=fault, budget=budget, amount_minor=amount, entry=entry, given_at=at)
    return _Why.NONE


def take(budget: GestureBudget, amount_minor: int) -> bool:
    """Take a sum out of a month's budget, in one guarded UPDATE; False when it has not so much left."""
    enough = GestureBudget.objects.filter(pk=budget.pk, spent_minor__lte=F("budget_minor") - amount_minor)
    return enough.update(spent_minor=F("spent_minor") + amount_minor) == 1


def _reason(order: Order) -> str:
    with override(known_language(order.locale)):
        return gettext("Because something went wrong with your order %(number)s.") % {"number": order.number}


def _settle(fault: Fault, state: str, why: str, at: datetime) -> None:
    fault.state, fault.why, fault.due_at, fault.settled_at = state, why, None, at
    fault.save(update_fields=["state", "why", "due_at", "settled_at"])


def _record(name: str, fault: Fault, at: datetime, *, by: User | None = None) -> None:
    order = fault.order
    record_event(
        name=name,
        subject=f"support.fault:{fault.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk, "fault_id": fault.pk},
        actor=by,
        at=at,
    )
