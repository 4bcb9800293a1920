"""When it arrives: services and calendars from rows, the promise rule, and what is already promised to others.

The only way to a date: product page, bag, checkout, placement and mail all come through here, so that they say the
same for the same inputs.  Nothing guesses: without a calendar or a service there is no quote.
Source: commerce reference d.5, A3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from orders.models import Order, Promise, ServiceLevel
from orders.rules.promise import Estimate, NobodyHome, Route, Wish, estimate
from orders.rules.totals import delivery_minor, missing_to_free
from shop.queries.calendars import calendar_of
from shop.rules.calendar import NoOpenDay

NO_WISH = Wish()


class NoEstimate(Exception):
    """No date can be promised: a calendar is missing or has no open day.  Say so, never print a guess."""


@dataclass(frozen=True)
class Quote:
    """One answer to "when": the estimate, what it was computed from, and the service that brings it."""

    service: ServiceLevel
    route: Route
    wish: Wish
    estimate: Estimate
    placed_at: datetime

    def basis(self) -> dict[str, object]:
        """Return what the estimate was computed from, as JSON values to keep with the promise."""
        return self.estimate.as_basis(placed_at=self.placed_at, route=self.route, wish=self.wish)

    @property
    def skipped(self) -> list[tuple[date, str]]:
        """Return the closed days with a public reason that the estimate stepped over, each once."""
        days = {day: reason for step in self.estimate.steps for day, reason in step.skipped if reason}
        return sorted(days.items())


@dataclass(frozen=True)
class Timetable:
    """The services of one country at one moment, with everything a quote needs already read."""

    country: str
    at: datetime
    services: tuple[ServiceLevel, ...]
    routes: Mapping[int, Route]
    full_days: Mapping[int, frozenset[date]]

    def default(self) -> ServiceLevel | None:
        """Return the service whose dates are shown unless asked otherwise: the cheapest, of those the fastest."""
        brought = [service for service in self.services if service.kind == ServiceLevel.Kind.COURIER]
        ranked = sorted(brought or self.services, key=lambda s: (s.price_minor, s.transit_max_days, s.position, s.pk))
        return next(iter(ranked), None)

    def named(self, code: str) -> ServiceLevel | None:
        """Return the service with that code, None when this country does not have it."""
        return next((service for service in self.services if service.code == code), None)

    def quote(self, service: ServiceLevel, wish: Wish = NO_WISH) -> Quote:
        """Quote one service.  No query.  Raises NoEstimate, and NobodyHome when the wish leaves no day."""
        route = self.routes.get(service.pk)
        if route is None:
            raise NoEstimate(service.code)
        filled = replace(wish, full_days=self.full_days.get(service.workshop_id, frozenset()))
        try:
            found = estimate(placed_at=self.at, route=route, wish=filled)
        except NoOpenDay as closed:
            raise NoEstimate(str(closed)) from closed
        return Quote(service, route, filled, found, self.at)

    def quote_waiting(self, service: ServiceLevel, wish: Wish) -> tuple[Quote, bool]:
        """Quote one service; when nobody is at home in its range, the first later day somebody is, and True."""
        try:
            return self.quote(service, wish), False
        except NobodyHome:
            return self.quote(service, replace(wish, wait_for_home=True)), True


def timetable(country: str, *, at: datetime) -> Timetable:
    """Read what every quote for one country needs.  Two queries: services with their calendars, promised starts."""
    services = services_for(country)
    routes = {service.pk: route_of(service) for service in services if service.workshop.calendar.capacity_per_day != 0}
    full: dict[int, frozenset[date]] = {}
    for service in services:
        if service.pk in routes and service.workshop_id not in full:
            full[service.workshop_id] = full_days(service, today=routes[service.pk].workshop.local_day(at))
    return Timetable(country, at, tuple(services), routes, full)


def services_for(country: str) -> list[ServiceLevel]:
    """Return the services offered to one country, in shop order.  One query."""
    return list(_with_calendars().filter(active=True, country=country).order_by("position", "id"))


def served_countries() -> list[str]:
    """Return the codes of the countries somebody delivers to, sorted.  One query."""
    return sorted(
        set(ServiceLevel.objects.filter(active=True).order_by("country", "id").values_list("country", flat=True))
    )


def _with_calendars() -> QuerySet[ServiceLevel]:
    return ServiceLevel.objects.select_related("workshop__calendar", "carrier_calendar", "destination_calendar")


def route_for(service: ServiceLevel) -> Route:
    """Return the way one service goes, by the calendars as they are now.  One query."""
    return route_of(_with_calendars().get(pk=service.pk))


def route_of(service: ServiceLevel) -> Route:
    """Return the way one service goes; the service comes with its workshop and calendars.  No query of its own."""
    return Route(
        workshop=calendar_of(service.workshop.calendar),
        carrier=calendar_of(service.carrier_calendar),
        destination=calendar_of(service.destination_calendar),
        handling_days=service.workshop.handling_days,
        transit_min_days=service.transit_min_days,
        transit_max_days=service.transit_max_days,
        service=service.code,
    )


def full_days(service: ServiceLevel, *, today: date) -> frozenset[date]:
    """Return the days from `today` on whose capacity is used up by promises already made, and those without any.

    A cancelled or declined order frees its place.  One query, none without a limit.
    Source: commerce reference A3.9, c-3.
    """
    workshop = calendar_of(service.workshop.calendar)
    shut = frozenset(day for day in workshop.exceptions if workshop.is_open(day) and workshop.capacity(day) == 0)
    if not workshop.limits_orders:  # no limit; a workshop that takes no orders at all has no route and is not asked
        return shut
    busy = (
        _starts(service.workshop_id)
        .filter(starts_on__gte=today)
        .values("starts_on")
        .annotate(orders=Count("id"))
        .order_by("starts_on")
    )
    return shut | {row["starts_on"] for row in busy if _is_full(workshop.capacity(row["starts_on"]), row["orders"])}


def orders_starting(workshop_id: int, *, on: date) -> int:
    """Return how many living orders a workshop starts on one day.  One query."""
    return _starts(workshop_id).filter(starts_on=on).count()


def _starts(workshop_id: int) -> QuerySet[Promise]:
    """Keep the first promises of the living orders of a workshop: each takes one place on its day."""
    living = Q(order__status__in=[Order.Status.PLACING, Order.Status.PLACED])
    return Promise.objects.filter(living, version=1, order__service__workshop=workshop_id)


def _is_full(capacity: int | None, orders: int) -> bool:
    return capacity is not None and orders >= capacity


def delivery_price(service: ServiceLevel, *, goods_minor: int) -> int:
    """Return what a service costs for goods of this worth, in minor units.  No query."""
    return delivery_minor(
        price_minor=service.price_minor, free_from_minor=service.free_from_minor, goods_minor=goods_minor
    )


def missing_to_free_delivery(service: ServiceLevel, *, goods_minor: int) -> int:
    """Return how much more would make delivery free, 0 when there is nothing to say.  No query."""
    return missing_to_free(
        price_minor=service.price_minor, free_from_minor=service.free_from_minor, goods_minor=goods_minor
    )


def slowest(making_days: Iterable[int]) -> int:
    """Return the making time that counts when everything travels together: the longest."""
    return max(making_days, default=0)
