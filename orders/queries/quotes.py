"""When it arrives: services and calendars from rows, the promise rule, and what is already promised to others.

The only way to a date: product page, bag, checkout, placement and mail all come through here, so that they say the
same for the same inputs.  Nothing guesses: without a calendar or a service there is no quote.
Source: commerce reference d.5, A3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache

from django.db.models import Count, Q, QuerySet

from orders.models import Order, Promise, ServiceLevel
from orders.queries.crises import concerned, crises_now
from orders.rules.bag import Ready
from orders.rules.incident import Crisis, Said, Where, places_left_open, reaches, slowed
from orders.rules.promise import Estimate, Learned, NobodyHome, Route, Wish, estimate
from orders.rules.totals import delivery_minor, missing_to_free
from shop.queries.calendars import calendar_of, calendars_of
from shop.rules.calendar import NoOpenDay

NO_WISH = Wish()


class NoEstimate(Exception):
    """No date can be promised: a calendar is missing or has no open day.  Say so, never print a guess."""


@dataclass(frozen=True)
class Quote:
    """One answer to "when": the estimate, what it was computed from, and the service that brings it.

    `crises` are those its days reckon with; `at_most` is how many orders they let begin on its first day.
    """

    service: ServiceLevel
    route: Route
    wish: Wish
    estimate: Estimate
    placed_at: datetime
    crises: tuple[Crisis, ...] = ()
    at_most: int | None = None

    def basis(self) -> dict[str, object]:
        """Return what the estimate was computed from, as JSON values to keep with the promise."""
        found = self.estimate.as_basis(placed_at=self.placed_at, route=self.route, wish=self.wish)
        known = {str(crisis.id): crisis.extra_days for crisis in self.crises}
        return found | ({"crises": known} if known else {})

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
    where: Where = field(default_factory=lambda: Where(""))
    crises: tuple[Crisis, ...] = ()
    crowded: Mapping[int, frozenset[date]] = field(default_factory=dict)

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
        full = self.full_days.get(service.workshop_id, frozenset()) | self.crowded.get(service.pk, frozenset())
        filled = replace(wish, full_days=full)
        try:
            hit = self._hit(service, route, filled)
            route = slowed(route, hit)
            found = estimate(placed_at=self.at, route=route, wish=filled)
        except NoOpenDay as closed:
            raise NoEstimate(str(closed)) from closed
        at_most = places_left_open(concerned(self.crises, self.where, service), found.starts_on)
        return Quote(service, route, filled, found, self.at, hit, at_most)

    def _hit(self, service: ServiceLevel, route: Route, wish: Wish) -> tuple[Crisis, ...]:
        """Return the crises whose days the way of a new order would reach into.  No query."""
        known = tuple(crisis for crisis in concerned(self.crises, self.where, service) if crisis.longer)
        if not known:
            return ()
        plain = estimate(placed_at=self.at, route=route, wish=replace(wish, home_weekdays=frozenset()))
        said = Said(plain.deliver_from_on, plain.deliver_by_on, plain.starts_on, plain.hand_over_on, gone=False)
        today = route.destination.local_day(self.at)
        return tuple(
            crisis
            for crisis in known
            if reaches(said, hits=crisis.hits, starts_on=crisis.starts_on, ends_on=crisis.ends_on, today=today)
        )

    def quote_waiting(self, service: ServiceLevel, wish: Wish) -> tuple[Quote, bool]:
        """Quote one service; when nobody is at home in its range, the first later day somebody is, and True."""
        try:
            return self.quote(service, wish), False
        except NobodyHome:
            return self.quote(service, replace(wish, wait_for_home=True)), True


def timetable(country: str, *, at: datetime, where: Where | None = None) -> Timetable:
    """Read what every quote for one country needs: services with their calendars, promised starts, crises.

    Three queries; one more for a service for which a crisis lowers the orders a day.  `where` tells what is known of
    the order beside its country.
    """
    return _timetable(services_for(country), where or Where(country), at)


def _timetable(services: Sequence[ServiceLevel], where: Where, at: datetime) -> Timetable:
    """Read what quotes of these services need.  Two queries, see `timetable`."""
    crises = tuple(crises_now(at))
    routes = {service.pk: route_of(service) for service in services if service.workshop.calendar.capacity_per_day != 0}
    full: dict[int, frozenset[date]] = {}
    for service in services:
        if service.pk in routes and service.workshop_id not in full:
            full[service.workshop_id] = full_days(service, today=routes[service.pk].workshop.local_day(at))
    crowded = {
        service.pk: _crowded(service, limits, today=routes[service.pk].workshop.local_day(at))
        for service in services
        if service.pk in routes and (limits := [each for each in concerned(crises, where, service) if each.limited])
    }
    return Timetable(where.country, at, tuple(services), routes, full, where, crises, crowded)


def _crowded(service: ServiceLevel, crises: Sequence[Crisis], *, today: date) -> frozenset[date]:
    """Return the days on which crises leave no place for an order by this service.  One query."""
    last = max(crisis.ends_on for crisis in crises)
    starts = _starts(service.workshop_id).filter(starts_on__gte=today, starts_on__lte=last)
    counted = dict(starts.values_list("starts_on").annotate(orders=Count("id")).order_by("starts_on"))
    days = [today + timedelta(days=offset) for offset in range((last - today).days + 1)]
    return frozenset(day for day in days if _is_full(places_left_open(crises, day), counted.get(day, 0)))


def services_for(country: str) -> list[ServiceLevel]:
    """Return the services offered to one country, in shop order.  One query."""
    return list(_offered().filter(country=country))


def served_countries() -> list[str]:
    """Return the codes of the countries somebody delivers to, sorted.  One query."""
    return sorted(
        set(ServiceLevel.objects.filter(active=True).order_by("country", "id").values_list("country", flat=True))
    )


@cache
def _offered() -> QuerySet[ServiceLevel]:
    """Return the services on offer in shop order, not read yet: composing the question costs as much as asking it."""
    return _with_calendars().filter(active=True).order_by("position", "id")


def _with_calendars() -> QuerySet[ServiceLevel]:
    return ServiceLevel.objects.select_related("workshop__calendar", "carrier_calendar", "destination_calendar")


def route_for(service: ServiceLevel) -> Route:
    """Return the way one service goes, by the calendars as they are now.  One query."""
    return route_of(_with_calendars().get(pk=service.pk))


def route_of(service: ServiceLevel) -> Route:
    """Return the way one service goes; the service comes with its workshop and calendars.  No query of its own."""
    workshop, carrier, destination = calendars_of(
        service.workshop.calendar, service.carrier_calendar, service.destination_calendar
    )
    first, last, learned = days_of(service)
    return Route(
        workshop=workshop,
        carrier=carrier,
        destination=destination,
        handling_days=service.workshop.handling_days,
        transit_min_days=first,
        transit_max_days=last,
        service=service.code,
        learned=learned,
    )


def days_of(service: ServiceLevel) -> tuple[int, int, Learned | None]:
    """Return a service's carrier days from and to, and from where: what its table learned, else the merchant's own.

    When the merchant changes her own days, they count at once; the next night learns with them.  No query.
    """
    kept, own = service.learned, [service.transit_min_days, service.transit_max_days]
    if kept is None or not service.learns or kept["guess"] != own:
        return own[0], own[1], None
    said = Learned(
        version=kept["version"],
        target_bp=kept["target_bp"],
        likely_days=kept["likely_days"],
        parcels=kept["parcels"],
        road=tuple(kept["road"]),
        asked_bp=kept["asked_bp"],
    )
    return kept["from_days"], kept["by_days"], said


def quote_again(order: Order, *, ready: Ready, payment_days: int, products: frozenset[int], at: datetime) -> Quote:
    """Quote the service of an order that stands, for what it would be now, on a day somebody is at home.

    The crises that hold count as they do for a new order of these `products` to the same place.  Three queries, one
    more for a crisis that lowers the orders a day.  Raises NoEstimate.
    """
    service = _with_calendars().get(pk=order.service_id)
    where = Where(order.country, order.postcode, order.region, products)
    wish = Wish(
        making_days=ready.making_days,
        goods_on=ready.goods_on,
        payment_days=payment_days,
        home_weekdays=frozenset(order.home_weekdays),
        wait_for_home=True,
    )
    return _timetable([service], where, at).quote(service, wish)


def quote_apart(
    order: Order, *, products: frozenset[int], making_days: int = 0, here_on: date | None = None, at: datetime
) -> Quote:
    """Quote pieces of an order that stands which go in a parcel of their own, on a day somebody is at home.

    The crises that hold count as they do for a new order of these `products` to the same place; the workshop's places
    do not: the order has its own.  Work begins at once, or after the day on which the pieces are here.  Two queries.
    Raises NoEstimate.
    """
    service = _with_calendars().get(pk=order.service_id)
    route = route_of(service)
    begins_at = datetime.combine(here_on, time(23, 59), tzinfo=route.workshop.zone) if here_on else at
    where = Where(order.country, order.postcode, order.region, products)
    wish = Wish(making_days=making_days, home_weekdays=frozenset(order.home_weekdays), wait_for_home=True)
    days = Timetable(order.country, begins_at, (service,), {service.pk: route}, {}, where, tuple(crises_now(at)))
    return replace(days.quote(service, wish), placed_at=at)


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
