"""The days we name: counted on the calendar of the workshop that answers, unpacks and pays."""

from __future__ import annotations

from datetime import date, datetime

from orders.models import Order
from returns.rules import policy
from shop.queries.calendars import working_calendars
from shop.rules.calendar import WorkingCalendar


def answer_by(*, order: Order, at: datetime) -> date:
    """Return the day by which a request made at `at` is answered.  Raises NoOpenDay.  One query when warm."""
    return policy.answer_by(calendar=_calendar_of(order), at=at)


def settle_by(*, order: Order, at: datetime) -> date:
    """Return the day by which pieces that arrived at `at` are settled.  Raises NoOpenDay.  One query when warm."""
    return policy.settle_by(calendar=_calendar_of(order), at=at)


def _calendar_of(order: Order) -> WorkingCalendar:
    code = order.service.workshop.calendar.code
    return working_calendars([code])[code]
