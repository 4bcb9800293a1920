"""What one delivery service has shown: how long it takes from the planned hand-over, and how likely each day is.

The workshop's plan (queue, making, packing) is exact; what is learned is how far the hand-over slips behind it, and how
long the road is.  The merchant's own guess speaks as a few pseudo-parcels until real ones outnumber it.
Of what nobody has heard of for longer than the tables reach, nobody knows whether it came: it teaches nothing.  Nor
does a service whose parcels are seldom said to have arrived, or stand still: no day within the tables keeps the target.
The outcome is two whole numbers in the carrier's working days, put where the merchant's own stood, so that everything
that counts days goes on as before: calendars, closures, people at home, crises.
Source: delivery reference 1.2 (capacity is an exact queue), 1.3 (new lane with no data), 1.6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from orders.rules.estimates.arrival import Arrival, hand_overs
from orders.rules.estimates.days import DayCount
from orders.rules.estimates.learning import ENOUGH, Learner, Sending
from orders.rules.estimates.level import DestinationLevel, LevelControl
from orders.rules.estimates.tables import Guess, LifeTables, Table

SLIP_AGES, ROAD_AGES = 20, 45
HALF_LIFE = 40.0  # working days
ON_PLAN = Guess(0, 0)  # before there is data, the workshop is believed
EARLIEST, LIKELY = 0.1, 0.5
STARTS = 10  # coming days over which a service's week is evened out
LOOK_BACK, LOOK_AHEAD = timedelta(days=10), timedelta(days=240)
LONGEST = timedelta(days=366)  # a year's orders are learned from, not more
KEPT_DIGITS = 5

Is_open = Callable[[date], bool]


@dataclass(frozen=True)
class Trip:
    """What became of one order: local days; None: not yet.  `promised_on` only of promises made at the target."""

    planned_on: date  # the hand-over as it was planned
    handed_over_on: date | None = None
    delivered_on: date | None = None
    promised_on: date | None = None


@dataclass(frozen=True)
class Knowledge:
    """What is known of a service.  Days are the carrier's working days after the planned hand-over.

    `target_bp` is what a promise is to keep, `asked_bp` the level asked of the tables for it (basis points).  `slip` is
    the chance per working day that a parcel still with us leaves; `road` the cumulative hazard of the road by its days.
    """

    from_days: int
    likely_days: int
    by_days: int
    target_bp: int
    asked_bp: int
    parcels: int
    slip: tuple[float, ...] = ()
    road: tuple[float, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self) | {"slip": list(self.slip), "road": list(self.road)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Knowledge:
        """Return what `as_json` wrote.  Raises TypeError or KeyError for anything else."""
        return cls(**(dict(kept) | {"slip": tuple(kept["slip"]), "road": tuple(kept["road"])}))


def learn(
    trips: Iterable[Trip],
    *,
    workshop: Is_open,
    carrier: Is_open,
    guess: Guess,
    target_bp: int,
    until: date,
) -> Knowledge | None:
    """Return what a service's trips up to the end of `until` say.

    None when nothing of it has arrived yet, or so little that no day within the tables reaches the target.
    `workshop` and `carrier` tell their open days; `guess` is the merchant's own, the carrier's days after hand-over.
    Raises NoOpenDay when a calendar ends before the promise does.
    """
    ages = max(ROAD_AGES, guess.last + SLIP_AGES)
    since = _back(carrier, until, ages)
    known = sorted((trip for trip in trips if _tells(trip, since, until)), key=lambda trip: trip.planned_on)
    arrived = sum(1 for trip in known if trip.delivered_on and trip.delivered_on <= until)
    if not arrived:
        return None
    learner = _learner(known, workshop, carrier, ages, until)
    asked = _asked(known, target_bp / 10_000, until)
    slip = learner.handling.chances(("all",), ON_PLAN)
    road = learner.transit.hazard(("all",), guess)
    days = _days(learner, slip, road, until, (EARLIEST, LIKELY, asked))
    if days is None:
        return None
    from_days, likely_days, by_days = days
    return Knowledge(
        from_days=max(from_days, 1),
        likely_days=max(likely_days, 1),
        by_days=max(by_days, 1),
        target_bp=target_bp,
        asked_bp=round(asked * 10_000),
        parcels=arrived,
        slip=tuple(round(chance, KEPT_DIGITS) for chance in slip),
        road=tuple(round(hazard, KEPT_DIGITS) for hazard in road),
    )


def _back(carrier: Is_open, until: date, ages: int) -> date:
    """Return the day from which on the tables' ages reach up to `until`; a year back at most."""
    day = until
    while ages > 0 and until - day < LONGEST:
        day -= timedelta(days=1)
        ages -= carrier(day)
    return day


def _tells(trip: Trip, since: date, until: date) -> bool:
    """Say whether a trip teaches anything: it is over by `until`, or it left, or was to leave, not before `since`."""
    if trip.planned_on > until:
        return False
    gone, came = (day if day and day <= until else None for day in (trip.handed_over_on, trip.delivered_on))
    return came is not None or (gone or trip.planned_on) >= since


def _learner(trips: Sequence[Trip], workshop: Is_open, carrier: Is_open, ages: int, until: date) -> Learner:
    """Let every day since the first plan happen again."""
    handed = [trip.handed_over_on for trip in trips if trip.handed_over_on]
    first = min([trips[0].planned_on, *handed])
    begin, end = first - LOOK_BACK, until + LOOK_AHEAD
    both = DayCount(begin, end, lambda day: workshop(day) and carrier(day))
    learner = Learner(
        both,
        DayCount(begin, end, carrier),
        handling=LifeTables([Table(HALF_LIFE)], ages=SLIP_AGES, enough=ENOUGH),
        transit=LifeTables([Table(HALF_LIFE)], ages=ages, enough=ENOUGH),
    )
    for number, trip in enumerate(trips):
        gone, came = trip.handed_over_on, trip.delivered_on
        if gone is None and came is not None:
            gone = came
        if gone is not None and came is not None and came < gone:
            came = gone
        learner.place(Sending(str(number), both.forward(trip.planned_on), ("all",), ("all",), gone, came))
    day = first
    while day <= until:
        learner.close_day(day)
        day += timedelta(days=1)
    return learner


def _asked(trips: Sequence[Trip], target: float, until: date) -> float:
    """Return the level to ask for, from the promises that were made at the target and fell due.

    A service is a region of its own, and its only destination (see `level`).
    """
    due: dict[date, list[Trip]] = {}
    for trip in trips:
        if trip.promised_on is not None and trip.promised_on <= until:
            due.setdefault(trip.promised_on, []).append(trip)
    region = LevelControl(target)
    level = DestinationLevel(region)
    day = min(due, default=until)
    while day <= until:
        region.pass_day()
        level.pass_day()
        for trip in due.get(day, ()):
            level.settle(kept=trip.delivered_on is not None and trip.delivered_on <= day)
        day += timedelta(days=1)
    return level.asked


def _days(
    learner: Learner, slip: Sequence[float], road: Sequence[float], until: date, chances: Sequence[float]
) -> list[int] | None:
    """Return for each chance the smallest number of carrier days after the plan that reaches it, over coming starts.

    None when one is not reached within the ages of both tables: what nobody has seen is not promised.
    """
    first = learner.workshop.forward(until)
    arrivals = []
    for start in range(first, first + STARTS):
        days = [learner.carrier.forward(day) for day in learner.workshop.days[start : start + len(slip)]]
        arrivals.append((days[0], Arrival(hand_overs(slip, days), road)))
    found, number = [], 0
    for chance in chances:
        while sum(each.chance_by(start + number) for start, each in arrivals) < chance * len(arrivals):
            number += 1
            if number > len(slip) + len(road):
                return None
        found.append(number)
    return found
