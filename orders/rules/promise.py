"""The delivery promise: from the moment of ordering to a range of days at the door.

Pure: calendars, numbers and a moment go in; days, deadlines and the reasons come out.  Nothing here guesses: where a
calendar has no answer the estimate refuses.
Source: commerce reference d.5 and A3 (conformance vectors); delivery reference 1.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shop.rules.calendar import HORIZON_DAYS, NoOpenDay, WorkingCalendar


class NobodyHome(Exception):
    """Nobody is at home on any day of the range.  `next_on` is the first later day that would do: ask, do not guess."""

    def __init__(self, deliver_from_on: date, deliver_by_on: date, next_on: date) -> None:
        super().__init__(f"nobody at home {deliver_from_on} - {deliver_by_on}, next {next_on}")
        self.deliver_from_on = deliver_from_on
        self.deliver_by_on = deliver_by_on
        self.next_on = next_on


@dataclass(frozen=True)
class Learned:
    """From where a route's days on the way come when they were learned: which table, and how sure it is.

    `road` is the cumulative hazard by the carrier's days after the hand-over (see `estimates.service`).
    """

    version: int
    target_bp: int  # how many of 10,000 promises are to be kept
    likely_days: int
    parcels: int
    road: tuple[float, ...] = ()
    asked_bp: int = 0  # the level asked of the table for it; 0: not written down

    def as_basis(self) -> dict[str, int]:
        """Return what is kept with a promise; the table itself is found by its version."""
        return {
            "version": self.version,
            "target_bp": self.target_bp,
            "likely_days": self.likely_days,
            "parcels": self.parcels,
            **({"asked_bp": self.asked_bp} if self.asked_bp else {}),
        }


@dataclass(frozen=True)
class Route:
    """Who works, who drives, who receives, and how long each takes in working days of its own calendar."""

    workshop: WorkingCalendar
    carrier: WorkingCalendar
    destination: WorkingCalendar
    handling_days: int
    transit_min_days: int
    transit_max_days: int
    service: str = ""
    learned: Learned | None = None


@dataclass(frozen=True)
class Wish:
    """What the order adds: making time, payment, the days somebody is at home (0 is Monday; empty: any).

    `goods_on` is the day by which goods that are on their way to us are here, None for what lies on the shelf.
    """

    making_days: int = 0
    payment_days: int = 0
    home_weekdays: frozenset[int] = frozenset()
    wait_for_home: bool = False
    full_days: frozenset[date] = frozenset()
    goods_on: date | None = None


@dataclass(frozen=True)
class Step:
    """One stage of the way, both days included, and the closed days it had to step over."""

    stage: str
    first_on: date
    last_on: date
    calendar: str
    skipped: tuple[tuple[date, str], ...] = ()


@dataclass(frozen=True)
class Estimate:
    """A promise in the making.  Days are local to whoever acts; moments are UTC."""

    deliver_from_on: date
    deliver_by_on: date
    starts_on: date
    pack_by_at: datetime
    hand_over_on: date
    hand_over_by_at: datetime
    breaks_at: datetime
    order_before_at: datetime
    steps: tuple[Step, ...] = field(default=())

    def as_basis(self, *, placed_at: datetime, route: Route, wish: Wish) -> dict[str, Any]:
        """Return what the estimate was computed from and each step, as plain JSON values.

        Stored with the promise, so that the same words can be printed years later whatever the calendars say then.
        """
        learned = route.learned
        return ({"level_bp": learned.target_bp, "table": learned.as_basis()} if learned else {}) | {
            "placed_at": placed_at.astimezone(UTC).isoformat(),
            "service": route.service,
            "calendars": {cal.code: cal.version for cal in (route.workshop, route.carrier, route.destination)},
            "handling_days": route.handling_days,
            "making_days": wish.making_days,
            "payment_days": wish.payment_days,
            **({"goods_on": wish.goods_on.isoformat()} if wish.goods_on else {}),
            "transit_days": [route.transit_min_days, route.transit_max_days],
            "home_weekdays": sorted(wish.home_weekdays),
            "hand_over_on": self.hand_over_on.isoformat(),
            "steps": [
                {
                    "stage": step.stage,
                    "first_on": step.first_on.isoformat(),
                    "last_on": step.last_on.isoformat(),
                    "calendar": step.calendar,
                    "skipped": [[day.isoformat(), reason] for day, reason in step.skipped],
                }
                for step in self.steps
            ],
        }


def estimate(*, placed_at: datetime, route: Route, wish: Wish = Wish()) -> Estimate:
    """Estimate the arrival of an order placed at an aware moment.

    The workshop starts on the first day whose cut-off is still ahead and whose capacity is not used up, works handling
    + making days (on goods that come in on a day from the next), hands over on the next day both it and the carrier
    work; transit counts the carrier's days; delivery happens on a day the carrier drives and the destination receives,
    and somebody is at home.
    Raises NobodyHome when the shopper is never there in that range, NoOpenDay when a calendar has no answer.
    Source: commerce reference A3, vectors 1-11.
    """
    earliest = route.workshop.add(route.workshop.first_day_for(placed_at), wish.payment_days)
    if wish.goods_on:
        earliest = max(earliest, wish.goods_on + timedelta(days=1))
    starts_on = _first_free_day(route.workshop, earliest, wish.full_days)
    packed_on = route.workshop.add(starts_on, route.handling_days + wish.making_days - 1)
    hand_over_on = _first_common_day([route.workshop, route.carrier], packed_on + timedelta(days=1))
    return _from_hand_over(
        hand_over_on,
        route,
        wish,
        starts_on=starts_on,
        packed_on=packed_on,
        order_before_at=_order_before(route.workshop, placed_at),
        ordered_on=route.workshop.local_day(placed_at),
    )


def _from_hand_over(
    hand_over_on: date,
    route: Route,
    wish: Wish,
    *,
    starts_on: date,
    packed_on: date,
    order_before_at: datetime,
    ordered_on: date,
) -> Estimate:
    receivers = [route.carrier, route.destination]
    first = _first_common_day(receivers, route.carrier.add(hand_over_on, route.transit_min_days))
    last = _first_common_day(receivers, route.carrier.add(hand_over_on, route.transit_max_days))
    deliver_from_on, deliver_by_on = _when_somebody_is_home(receivers, first, last, wish)
    return Estimate(
        deliver_from_on=deliver_from_on,
        deliver_by_on=deliver_by_on,
        starts_on=starts_on,
        pack_by_at=route.workshop.day_closes_at(packed_on),
        hand_over_on=hand_over_on,
        hand_over_by_at=route.workshop.day_closes_at(hand_over_on),
        breaks_at=route.destination.day_ends_at(deliver_by_on),
        order_before_at=order_before_at,
        steps=(
            *([Step("goods", ordered_on, wish.goods_on, route.workshop.code)] if wish.goods_on else []),
            _step("start", ordered_on, starts_on, [route.workshop]),
            _step("work", starts_on, packed_on, [route.workshop]),
            _step("hand_over", packed_on, hand_over_on, [route.workshop, route.carrier]),
            _step("transit", hand_over_on, deliver_by_on, [route.carrier, route.destination]),
        ),
    )


def _step(stage: str, first: date, last: date, calendars: list[WorkingCalendar]) -> Step:
    """Describe a stage; a closed day is told once, with the first public reason that closes it."""
    skipped: dict[date, str] = {}
    for calendar in calendars:
        for day, reason in calendar.closed_days(first, last):
            skipped[day] = skipped.get(day) or reason
    return Step(stage, first, last, calendars[0].code, tuple(sorted(skipped.items())))


def _order_before(workshop: WorkingCalendar, placed_at: datetime) -> datetime:
    """Return the cut-off after which the same order would start a working day later."""
    cutoff = workshop.cutoff_at(workshop.first_day_for(placed_at))
    if cutoff is None:  # first_day_for only returns open days
        raise NoOpenDay(workshop.code)
    return cutoff


def _first_free_day(workshop: WorkingCalendar, day: date, full_days: frozenset[date]) -> date:
    """Return the first open day with capacity left (commerce reference A3.9)."""
    current = workshop.next_open(day)
    while current in full_days:
        current = workshop.next_open(current + timedelta(days=1))
    return current


def _first_common_day(calendars: Iterable[WorkingCalendar], day: date) -> date:
    """Return the first day on or after `day` on which all the calendars are open.  Raises NoOpenDay if none is."""
    everybody = list(calendars)
    for offset in range(HORIZON_DAYS):
        candidate = day + timedelta(days=offset)
        if all(calendar.is_open(candidate) for calendar in everybody):
            return candidate
    raise NoOpenDay(" and ".join(calendar.code for calendar in everybody))


def _when_somebody_is_home(receivers: list[WorkingCalendar], first: date, last: date, wish: Wish) -> tuple[date, date]:
    """Narrow the range to days when somebody is there (commerce reference A3.10)."""
    if not wish.home_weekdays:
        return first, last
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    there = [day for day in days if day.weekday() in wish.home_weekdays and all(cal.is_open(day) for cal in receivers)]
    if there:
        return there[0], there[-1]
    next_on = _next_home_day(receivers, last, wish.home_weekdays)
    if wish.wait_for_home:
        return next_on, next_on
    raise NobodyHome(first, last, next_on)


def _next_home_day(receivers: list[WorkingCalendar], after: date, weekdays: frozenset[int]) -> date:
    day = after
    for _ in range(HORIZON_DAYS):
        day = _first_common_day(receivers, day + timedelta(days=1))
        if day.weekday() in weekdays:
            return day
    raise NoOpenDay("nobody is at home on any day of delivery")
