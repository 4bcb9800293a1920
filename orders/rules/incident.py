"""A crisis told once for many orders: whom it concerns, what it does to a promise, and to what is promised from now on.

Pure.  A promise moves by working days, never to an earlier day; the days are counted from the day the order was first
told, so that looking again does not push it further.
Source: delivery reference 1.2 (overlay: scope, extra days, message, an end, a day to look again), 1.9; commerce c-10.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from orders.rules.promise import Route
from shop.rules.calendar import HORIZON_DAYS, NoOpenDay


class Hits(StrEnum):
    """Which part of the way a crisis slows down.  Values of Incident.Hits."""

    WORKSHOP = "workshop"
    ROAD = "road"


class Concerns(StrEnum):
    """Whether a crisis concerns something, as far as is known."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


@dataclass(frozen=True)
class Scope:
    """Whom a crisis concerns; an empty part limits nothing.  Services, workshops and products by id."""

    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    postcodes: tuple[str, ...] = ()
    couriers: frozenset[str] = frozenset()
    services: frozenset[int] = frozenset()
    workshops: frozenset[int] = frozenset()
    products: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Where:
    """What somebody is about to order; None where it is not known yet."""

    country: str
    postcode: str | None = None
    region: str | None = None
    products: frozenset[int] | None = None


@dataclass(frozen=True)
class Crisis:
    """What was declared, as far as a new order and a page need it.

    `places` limits the orders a day; `as_of` is the day it was told; `said` holds language, text and what we do in each
    language staff wrote beside the shop's own.
    """

    id: int
    name: str
    hits: Hits
    scope: Scope
    starts_on: date
    ends_on: date
    extra_days: int
    public_text: str
    longer: bool
    places: int | None = None
    what_we_do: str = ""
    as_of: date | None = None
    said: tuple[tuple[str, str, str], ...] = ()

    def said_in(self, language: str) -> tuple[str, str]:
        """Return what shoppers read and what we do, in a language where staff wrote it, else in the shop's own."""
        return next(
            ((text, doing) for code, text, doing in self.said if code == language), (self.public_text, self.what_we_do)
        )

    @property
    def limited(self) -> bool:
        """Say whether it lowers how many orders a day are begun."""
        return self.places is not None


def prefixes(codes: Iterable[str]) -> tuple[str, ...]:
    """Write the beginnings of postcodes as they are compared: in capitals, without blanks at the ends, each once."""
    return tuple(sorted({code.strip().upper() for code in codes if code.strip()}))


def concerns(
    crisis: Crisis, where: Where, *, workshop_id: int, service_id: int, all_couriers: frozenset[str]
) -> Concerns:
    """Say whether a crisis concerns an order that is about to be placed by one service.

    A courier is known only at the hand-over: a crisis of some couriers concerns a new order when there is no other.
    """
    scope = crisis.scope
    if not _by_service(scope, workshop_id, service_id, all_couriers):
        return Concerns.NO
    if scope.countries and where.country not in scope.countries:
        return Concerns.NO
    parts = (
        _known(scope.postcodes, where.postcode, lambda code: code.strip().upper().startswith(scope.postcodes)),
        _known(scope.regions, where.region, lambda region: region.strip().casefold() in _folded(scope.regions)),
        _known(scope.products, where.products, lambda products: bool(products & scope.products)),
    )
    return Concerns.NO if Concerns.NO in parts else Concerns.MAYBE if Concerns.MAYBE in parts else Concerns.YES


def _folded(words: Iterable[str]) -> set[str]:
    return {word.casefold() for word in words}


def _known(limit: object, value: object, fits: Callable[..., bool]) -> Concerns:
    if not limit:
        return Concerns.YES
    if value is None:
        return Concerns.MAYBE
    return Concerns.YES if fits(value) else Concerns.NO


def _by_service(scope: Scope, workshop_id: int, service_id: int, all_couriers: frozenset[str]) -> bool:
    if scope.services and service_id not in scope.services:
        return False
    if scope.workshops and workshop_id not in scope.workshops:
        return False
    return not scope.couriers or all_couriers <= scope.couriers


def slowed(route: Route, crises: Iterable[Crisis]) -> Route:
    """Return the way a new order goes while crises last; nothing to drive is not slowed down by the road."""
    for crisis in crises:
        if not crisis.longer:
            continue
        if crisis.hits == Hits.WORKSHOP:
            route = replace(route, handling_days=route.handling_days + crisis.extra_days)
        elif route.transit_max_days:
            route = replace(
                route,
                transit_min_days=route.transit_min_days + crisis.extra_days,
                transit_max_days=route.transit_max_days + crisis.extra_days,
            )
    return route


def places_left_open(crises: Iterable[Crisis], on: date) -> int | None:
    """Return how many orders crises let begin on one day: the fewest any of them allows; None when none says."""
    allowed = [each.places for each in crises if each.places is not None and each.starts_on <= on <= each.ends_on]
    return min(allowed, default=None)


def still_active(*, ends_on: date, review_on: date, today: date) -> bool:
    """Say whether a declared crisis still speaks on pages: an end and a look that both passed make it stale.

    What somebody forgot goes by itself; staff are asked to look at it from `review_on` on.
    """
    return today <= max(ends_on, review_on)


# -- What it does to one promise -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """A promise that holds, on the clocks of those who act.

    `gone` says that everything left us; `known_days` are the extra days the order was quoted with because of this
    crisis; `starts_on` is when we begin.  `road_rests` are the days nobody drove or received when it was promised;
    None where that was not written down.
    """

    deliver_from_on: date
    deliver_by_on: date
    starts_on: date
    hand_over_on: date
    gone: bool
    home_weekdays: frozenset[int] = field(default=frozenset())
    known_days: int = 0
    road_rests: frozenset[date] | None = None


@dataclass(frozen=True)
class Moved:
    """The days we say now.  `hand_over_on` is None when the hand-over stays where it was."""

    deliver_from_on: date
    deliver_by_on: date
    hand_over_on: date | None = None


def reaches(said: Said, *, hits: Hits, starts_on: date, ends_on: date, today: date) -> bool:
    """Say whether the part of the way a crisis hits lies in its days; what is late already is on its way today."""
    if hits == Hits.WORKSHOP:
        return not said.gone and said.starts_on <= ends_on and max(said.hand_over_on, today) >= starts_on
    leaves_on = min(said.hand_over_on, today) if said.gone else max(said.hand_over_on, min(today, starts_on))
    return leaves_on <= ends_on and max(said.deliver_by_on, today) >= starts_on


def move(said: Said, *, hits: Hits, extra_days: int, counted_on: date, route: Route) -> Moved | None:
    """Move a promise by `extra_days` working days, less those it was quoted with; None when nothing moves.

    Counted from the promised days, or from `counted_on` when they were over then.  The new days are never earlier, and
    lie on days the carrier drives, the destination receives and somebody is at home.  Raises NoOpenDay.
    """
    days = extra_days - said.known_days
    if days <= 0 or (hits == Hits.WORKSHOP and said.gone):
        return None
    home = _home(route, said.home_weekdays)
    if hits == Hits.ROAD:
        first = _later(max(said.deliver_from_on, counted_on), days, route, home)
        return Moved(first, _later(max(said.deliver_by_on, counted_on), days, route, home))
    leaves_on = _ahead(max(said.hand_over_on, counted_on), days, lambda day: _leaves(route, day))
    first = _ahead(leaves_on, _driving_days(said, said.deliver_from_on, route), lambda day: _drives(route, day))
    last = _ahead(leaves_on, _driving_days(said, said.deliver_by_on, route), lambda day: _drives(route, day))
    first = _ahead(max(first, said.deliver_from_on), 0, home)
    return Moved(first, _ahead(max(last, said.deliver_by_on, first), 0, home), leaves_on)


def _later(day: date, days: int, route: Route, home: Callable[[date], bool]) -> date:
    return _ahead(_ahead(day, days, lambda each: _drives(route, each)), 0, home)


def _home(route: Route, weekdays: frozenset[int]) -> Callable[[date], bool]:
    return lambda day: _drives(route, day) and (not weekdays or day.weekday() in weekdays)


def _drives(route: Route, day: date) -> bool:
    return route.carrier.is_open(day) and route.destination.is_open(day)


def _leaves(route: Route, day: date) -> bool:
    return route.workshop.is_open(day) and route.carrier.is_open(day)


def _driving_days(said: Said, last: date, route: Route) -> int:
    """Count the days of driving from the hand-over to `last`: those that were promised, and those that are driven now.

    The new way goes over today's calendars.  Counting a day that closed or opened since then on one of the two alone
    would make the way shorter than the days it goes over, and the crisis would cost nothing.
    """
    days = [said.hand_over_on + timedelta(days=offset) for offset in range(1, (last - said.hand_over_on).days + 1)]
    return sum(_drives(route, day) or _was_driven(said, day, route) for day in days)


def _was_driven(said: Said, day: date, route: Route) -> bool:
    """Say whether a day counted as driving when it was promised; where nobody wrote it down, every week day does."""
    if said.road_rests is not None:
        return day not in said.road_rests
    return all(calendar.week[day.weekday()].intervals for calendar in (route.carrier, route.destination))


def _ahead(day: date, count: int, fits: Callable[[date], bool]) -> date:
    """Return the day `count` fitting days after `day`; 0 gives the first fitting day on or after it."""
    left = count
    for offset in range(HORIZON_DAYS):
        candidate = day + timedelta(days=offset)
        if not fits(candidate) or (offset == 0 and count):
            continue
        if left <= 1:
            return candidate
        left -= 1
    raise NoOpenDay(f"no day {count} after {day}")


def facts_of(*parts: object) -> str:
    """Return what was told, hashed: a second message goes out only when this differs."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()
