"""A place on the day the workshop starts an order: of two orders at the same instant one takes the last place.

Source: commerce reference A3.9, c-3.
"""

from __future__ import annotations

from datetime import date

from django.db import connection

from orders.models import ServiceLevel
from orders.queries.quotes import orders_starting
from shop.queries.calendars import calendar_of


class DayFull(Exception):
    """Others took the last place of that day a moment ago."""


def hold_place(*, service: ServiceLevel, starts_on: date, at_most: int | None = None) -> None:
    """Keep a place on that day until the transaction ends; nothing to do on a day without a limit.

    `at_most` is what a crisis allows on that day, None when it says nothing.

    All placements of one day take turns here, so it comes last: between it and the commit lies one insert.  What others
    committed before our turn is counted.  Raises DayFull.
    """
    limits = calendar_of(service.workshop.calendar).capacity(starts_on), at_most
    places = min((limit for limit in limits if limit is not None), default=None)
    if places is None:
        return
    wait_for_turn(service.workshop_id, starts_on)
    if orders_starting(service.workshop_id, on=starts_on) >= places:
        raise DayFull


def wait_for_turn(workshop_id: int, starts_on: date) -> None:
    """Take the lock of one workshop's day; it goes with the transaction."""
    with connection.cursor() as cursor:
        name = f"orders.workshop-day:{workshop_id}:{starts_on.isoformat()}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
