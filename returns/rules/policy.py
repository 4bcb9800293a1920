"""The shop's own rules about returns: who pays the way back, by when we answer, when nobody needs to decide again.

Source: Directive 2011/83/EU art. 13 and 14; delivery reference 4.2 and 4.4.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from shop.rules.calendar import WorkingCalendar

LAWFUL_DAYS = 14  # art. 9: within these a shopper need give no reason and cannot be turned down
REFUND_WITHIN_DAYS = 14  # art. 13
SATURDAY = 5
DECIDE_WORKING_DAYS = 1
SETTLE_WORKING_DAYS = 2


def who_pays(payers: Iterable[str]) -> str:
    """Return who pays the way back of one parcel: `shop` as soon as one of its reasons is ours, else `shopper`."""
    return "shop" if "shop" in set(payers) else "shopper"


def is_her_right(*, delivered_on: date | None, today: date) -> bool:
    """Tell whether the law lets her send it back whatever we think; before the last delivery it does as well."""
    return delivered_on is None or today <= delivered_on + timedelta(days=LAWFUL_DAYS)


def may_withdraw_until(*, delivered_on: date | None) -> date | None:
    """Return the last day to withdraw, counted from the day the last parcel came; None while one is still to come.

    A last day on a weekend becomes the Monday.  Public holidays are the reader's, and unknown here: a statement that
    comes later is received as well.  Source: Directive 2011/83/EU art. 9; Regulation 1182/71 art. 3.
    """
    if delivered_on is None:
        return None
    last_on = delivered_on + timedelta(days=LAWFUL_DAYS)
    return last_on + timedelta(days=7 - last_on.weekday()) if last_on.weekday() >= SATURDAY else last_on


def pay_back_by(declared_on: date) -> date:
    """Return the day by which the money of a withdrawal is back.  Source: Directive 2011/83/EU art. 13."""
    return declared_on + timedelta(days=REFUND_WITHIN_DAYS)


def answer_by(*, calendar: WorkingCalendar, at: datetime) -> date:
    """Return the day by which a request is answered: one working day after it came.  Raises NoOpenDay."""
    return calendar.add(calendar.local_day(at), DECIDE_WORKING_DAYS)


def settle_by(*, calendar: WorkingCalendar, at: datetime) -> date:
    """Return the day by which pieces that arrived at `at` are settled: two working days, fourteen days at most.

    Raises NoOpenDay beyond the calendar's horizon.
    """
    arrived_on = calendar.local_day(at)
    return min(calendar.add(arrived_on, SETTLE_WORKING_DAYS), arrived_on + timedelta(days=REFUND_WITHIN_DAYS))


def settles_itself(findings: Iterable[tuple[str, bool]]) -> bool:
    """Tell whether (condition, all pieces came) of every line leaves nothing to decide.

    The sum was agreed before; goods that came whole and like new are settled as they are booked in.
    """
    return all(condition == "like_new" and complete for condition, complete in findings)
