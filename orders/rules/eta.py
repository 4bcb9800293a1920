"""News inside the promise: the courier names another day than the one she knows, and nothing is broken by it.

Earlier than promised is told too: somebody has to be at home.  Source: commerce reference A1 (eta_changed).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from orders.rules.promise import Route
from orders.rules.tracking import Status
from shop.rules.calendar import HORIZON_DAYS, NoOpenDay

_TOLD_OTHERWISE = frozenset({Status.OUT_FOR_DELIVERY, Status.READY_FOR_PICKUP, Status.ATTEMPT_FAILED, Status.DELIVERED})


@dataclass(frozen=True)
class Known:
    """What she knows: the days told last, and the last day of the promise that holds."""

    from_on: date
    by_on: date
    promised_by_on: date


def news_within(
    *, known: Known, eta_on: date | None, carrier_status: str, route: Route, at: datetime
) -> tuple[date, date] | None:
    """Return the days to tell, or None when the courier's day is nothing new or no news of this kind.

    The range begins at the courier's day and ends a delivery day later, inside the promise.  A day after the promise is
    a delay, not news; what is in the van or was at the door has a notice of its own.  Raises NoOpenDay.
    """
    if eta_on is None or carrier_status in _TOLD_OTHERWISE:
        return None
    if eta_on > known.promised_by_on or eta_on < route.destination.local_day(at):
        return None
    if known.from_on <= eta_on <= known.by_on:
        return None
    return eta_on, min(_next_delivery_day(route, eta_on), known.promised_by_on)


def _next_delivery_day(route: Route, day: date) -> date:
    for offset in range(1, HORIZON_DAYS):
        candidate = day + timedelta(days=offset)
        if route.carrier.is_open(candidate) and route.destination.is_open(candidate):
            return candidate
    raise NoOpenDay(f"{route.carrier.code} and {route.destination.code}")
