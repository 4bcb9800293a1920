"""Routes: who works, who drives and who receives, read from the calendars."""

from __future__ import annotations

from orders.models import ServiceLevel
from orders.rules.promise import Route
from shop.queries.calendars import working_calendars
from shop.rules.calendar import NoOpenDay


def route_for(service: ServiceLevel) -> Route:
    """Return the route of one delivery service.  `service.workshop` and its calendars should be selected with it.

    Raises NoOpenDay when a calendar is missing.  One query when the calendars are cached.
    """
    rows = (service.workshop.calendar, service.carrier_calendar, service.destination_calendar)
    found = working_calendars(row.code for row in rows)
    missing = [row.code for row in rows if row.code not in found]
    if missing:
        raise NoOpenDay(", ".join(missing))
    return Route(
        workshop=found[rows[0].code],
        carrier=found[rows[1].code],
        destination=found[rows[2].code],
        handling_days=service.workshop.handling_days,
        transit_min_days=service.transit_min_days,
        transit_max_days=service.transit_max_days,
        service=service.code,
    )
