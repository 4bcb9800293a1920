"""A withdrawal takes effect by itself where nothing has to be decided: it is a right, and who states it is known.

Before packing starts the order is cancelled, and the money goes back by the order's own ledger.  What has arrived goes
into a return that is agreed to; what is still on its way follows when it is there.  Everything else waits for a person,
as every withdrawal does whose number and address anybody could have typed.
Source: Directive 2011/83/EU art. 9 to 14 and 16; BGB 355 to 357; returns.rules.withdrawals.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid5

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext_noop as _

from orders.models import Order
from orders.operations.cancelling import TooLate, cancel_order
from returns.models import CaseLine, ReturnCase, ReturnReason, Withdrawal
from returns.operations.cases import record_step
from returns.operations.requesting import case_number
from returns.queries.lines import LineState, asked_pieces, line_states, shop_day
from returns.queries.withdrawals import last_day_to_withdraw
from returns.rules import withdrawals

Outcome = Withdrawal.Outcome


def take_effect(withdrawal: Withdrawal, *, order: Order, units: Mapping[int, int] | None, at: datetime) -> None:
    """Do what a fresh withdrawal means; call with the order locked.  `units` is None for the whole order.

    Writes outcome and units on the withdrawal; who calls it records what became of it.
    """
    if units is None and (order.status == Order.Status.CANCELLED or _cancelled(order, at)):
        _finish(withdrawal, Outcome.CANCELLED, at)
        return
    if not withdrawals.in_time(today=shop_day(at), last_on=last_day_to_withdraw(order)):
        return
    lines, before = _lines(order, at), _before(withdrawal, order)
    wanted = withdrawals.everything(lines) if units is None else dict(units)
    for other in before:
        wanted = withdrawals.still_wanted(wanted, _waits(other))
    if wanted:
        withdrawal.units = sorted([line_id, pieces] for line_id, pieces in wanted.items())
        withdrawal.save(update_fields=["units"])
        _take_back(withdrawal, order, lines, at)
    elif before:  # the same again: the one before has it all, and a person need not look at both
        _finish(withdrawal, before[-1].outcome, at)


def follow_up(withdrawal: Withdrawal, *, order: Order, at: datetime) -> bool:
    """Open a return for withdrawn pieces that have arrived since; call with the order locked.

    Tell whether there was something; again, nothing is left to open.
    """
    return _take_back(withdrawal, order, _lines(order, at), at)


def _cancelled(order: Order, at: datetime) -> bool:
    """Cancel an order whose packing has not started; tell whether it is cancelled."""
    try:
        cancel_order(order_id=order.pk, by=None, at=at)
    except TooLate:
        return False
    return True


def _take_back(withdrawal: Withdrawal, order: Order, lines: list[withdrawals.Line], at: datetime) -> bool:
    """Open a return for what of it is with her; tell whether there was something."""
    wanted = withdrawals.still_wanted(_units(withdrawal), _covered(withdrawal))
    here = withdrawals.here(wanted, lines)
    if not here:
        return False
    _open_return(withdrawal, order, here, at)
    if here == wanted:
        _finish(withdrawal, Outcome.RETURN, at)
    else:
        withdrawal.outcome = Outcome.PARTLY
        withdrawal.save(update_fields=["outcome"])
    return True


def _open_return(withdrawal: Withdrawal, order: Order, pieces: Mapping[int, int], at: datetime) -> ReturnCase:
    """Write a return that is agreed to as it is asked for, with both its steps."""
    reason = _reason()
    case = ReturnCase.objects.create(
        number=case_number(order),
        order=order,
        withdrawal=withdrawal,
        status=ReturnCase.Status.APPROVED,
        submission_key=_key(withdrawal),
        policy={"window_days": settings.RETURN_WINDOW_DAYS, "last_on": None, "postage": reason.postage},
        requested_at=at,
        decided_at=at,
    )
    CaseLine.objects.bulk_create(
        CaseLine(
            case=case,
            order_line_id=line_id,
            quantity=quantity,
            reason=reason,
            wanted=CaseLine.Resolution.REFUND,
            granted=CaseLine.Resolution.REFUND,
        )
        for line_id, quantity in sorted(pieces.items())
    )
    record_step(case, "requested", at=at)
    record_step(case, "approved", at=at)
    return case


def _reason() -> ReturnReason:
    """Return the reason of such returns: hers to pay the way back, unless the shop says in the admin that it does."""
    values = {
        "label": _("Withdrawal from the contract"),
        "group": ReturnReason.Group.MIND,
        "postage": ReturnReason.Postage.SHOPPER,
        "position": 99,
    }
    reason, _made = ReturnReason.objects.get_or_create(code=withdrawals.REASON, defaults=values)
    return reason


def _key(withdrawal: Withdrawal) -> UUID:
    """Return a key of its own for each return of one withdrawal: the first, the second, in their order."""
    return uuid5(withdrawal.submission_key, f"return {withdrawal.cases.count() + 1}")


def _before(withdrawal: Withdrawal, order: Order) -> list[Withdrawal]:
    """Return the earlier withdrawals from an order that took pieces back or are about to, oldest first.  One query."""
    rows = Withdrawal.objects.filter(order=order).exclude(pk=withdrawal.pk).exclude(units=[])
    return list(rows.order_by("id"))


def _waits(withdrawal: Withdrawal) -> dict[int, int]:
    """Return what of an earlier withdrawal is in no return yet; nothing once it is settled."""
    return {} if withdrawal.settled_at else withdrawals.still_wanted(_units(withdrawal), _covered(withdrawal))


def _units(withdrawal: Withdrawal) -> dict[int, int]:
    return dict(withdrawal.units)


def _finish(withdrawal: Withdrawal, outcome: str, at: datetime) -> None:
    withdrawal.outcome, withdrawal.settled_at = outcome, at
    withdrawal.save(update_fields=["outcome", "settled_at"])


def _lines(order: Order, at: datetime) -> list[withdrawals.Line]:
    asked = asked_pieces(order)
    return [_line(state, asked.get(state.line.pk, 0)) for state in line_states(order=order, today=shop_day(at))]


def _line(state: LineState, asked: int) -> withdrawals.Line:
    """Return a line as the rule sees it; pieces whose window of the shop is over are for a person, too."""
    left = state.left if state.why is None else 0
    return withdrawals.Line(state.line.pk, state.line.quantity, state.line.qty_returned, asked, left)


def _covered(withdrawal: Withdrawal) -> dict[int, int]:
    """Return how many pieces of each line are in the returns of a withdrawal, those she took back again as well."""
    rows = CaseLine.objects.filter(case__withdrawal=withdrawal)
    return dict(rows.values_list("order_line_id").annotate(pieces=Sum("quantity")).order_by("order_line_id"))
