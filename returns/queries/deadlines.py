"""The days we name: counted on the calendar of the workshop that answers, unpacks and pays."""

from __future__ import annotations

from datetime import date, datetime

from orders.models import Order
from orders.queries.quotes import route_for
from orders.rules.promise import Wish, estimate
from returns.rules import policy
from shop.queries.calendars import working_calendars
from shop.rules.calendar import NoOpenDay, WorkingCalendar


def answer_by(*, order: Order, at: datetime) -> date:
    """Return the day by which a request made at `at` is answered.  Raises NoOpenDay.  One query when warm."""
    return policy.answer_by(calendar=_calendar_of(order), at=at)


def settle_by(*, order: Order, at: datetime) -> date:
    """Return the day by which pieces that arrived at `at` are settled.  Raises NoOpenDay.  One query when warm."""
    return policy.settle_by(calendar=_calendar_of(order), at=at)


def exchange_arrives(*, order: Order, making_days: int, at: datetime) -> tuple[date, date] | None:
    """Return the days between which a piece in exchange arrives when we answer on the last day we name.

    None where the calendars have no answer.  Four queries when warm.
    """
    calendar = _calendar_of(order)
    try:
        agreed_at = calendar.day_closes_at(policy.answer_by(calendar=calendar, at=at))
        wish = Wish(making_days, home_weekdays=frozenset(order.home_weekdays), wait_for_home=True)
        found = estimate(placed_at=agreed_at, route=route_for(order.service), wish=wish)
    except NoOpenDay:
        return None
    return found.deliver_from_on, found.deliver_by_on


def _calendar_of(order: Order) -> WorkingCalendar:
    code = order.service.workshop.calendar.code
    return working_calendars([code])[code]
