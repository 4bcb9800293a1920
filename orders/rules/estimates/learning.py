"""Learning day by day: what is known of an order is only what had happened by the end of the day before.

The same code replays a file of old orders and refits the shop's own tables at night.
Source: delivery reference 1.3 (exposures by the day they happened), 6 (no peeking).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime, time

from orders.rules.estimates.arrival import Arrival, Clock, HandOver, hand_overs
from orders.rules.estimates.days import DayCount
from orders.rules.estimates.pace import Ratios, WeekdayPace
from orders.rules.estimates.tables import Guess, LifeTables, cumulative

HANDLING_AGES, HANDLING_HALF_LIFE = 45, 40.0
TRANSIT_AGES, TRANSIT_HALF_LIFE = 85, 40.0
PACE_HALF_LIFE, PACE_LEAN = 60.0, 150.0
CUTOFF = time(14, 0)


@dataclass(slots=True)
class Sending:
    """One order as far as its stages go.  Days are local dates; None: has not happened (or nobody knows when)."""

    order: str
    start: int  # the workshop's day number handling begins
    handling: tuple[Hashable, ...]
    transit: tuple[Hashable, ...]
    handed_over_on: date | None = None
    arrived_on: date | None = None
    carrier_start: int = -1


class Learner:
    """What the shop knows of its two stages.  Call `close_day` for every calendar day, in order."""

    def __init__(self, workshop: DayCount, carrier: DayCount, *, depths: tuple[int, int]) -> None:
        self.workshop = workshop
        self.carrier = carrier
        self.handling = LifeTables(depth=depths[0], ages=HANDLING_AGES, half_life=HANDLING_HALF_LIFE)
        self.transit = LifeTables(depth=depths[1], ages=TRANSIT_AGES, half_life=TRANSIT_HALF_LIFE)
        self.weekdays = WeekdayPace()
        self.pace = Ratios(half_life=PACE_HALF_LIFE, lean=PACE_LEAN)
        self.in_workshop: list[Sending] = []
        self.on_the_way: list[Sending] = []
        self.clock = Clock(carrier.weekdays, self.weekdays.worth())

    def start_for(self, placed_at: datetime, cutoff: time = CUTOFF) -> int:
        """Return the workshop's day number on which an order placed at `placed_at` (local) begins."""
        day = placed_at.date()
        number = self.workshop.forward(day)
        return number + 1 if self.workshop.is_open(day) and placed_at.time() >= cutoff else number

    def place(self, sending: Sending) -> None:
        """Take note of an order."""
        self.in_workshop.append(sending)

    # -- Learning -----------------------------------------------------------------------------------------------
    def close_day(self, day: date) -> None:
        """Learn what happened up to the end of `day`."""
        if self.workshop.is_open(day):
            self._close_workshop(self.workshop.forward(day))
        self._hand_over(day)
        if self.carrier.is_open(day):
            self._close_carrier(self.carrier.forward(day), day)

    def _close_workshop(self, number: int) -> None:
        today = self.workshop.day(number)
        self.handling.pass_day()
        for each in self.in_workshop:
            if each.start <= number:
                done = each.handed_over_on is not None and each.handed_over_on <= today
                self.handling.add(each.handling, number - each.start, at_risk=1.0, ended=float(done))

    def _hand_over(self, day: date) -> None:
        """Move what was handed over by the end of `day` on to the carrier; what was so before its start counts too."""
        staying = []
        for each in self.in_workshop:
            if each.handed_over_on is None or each.handed_over_on > day:
                if each.arrived_on is None or each.arrived_on > day:
                    staying.append(each)
                continue
            number = self.workshop.forward(each.handed_over_on)
            if number < each.start or not self.workshop.is_open(each.handed_over_on):  # no working day counted it
                self.handling.add(each.handling, max(number - each.start, 0), at_risk=1.0, ended=1.0)
            each.carrier_start = self.carrier.forward(each.handed_over_on)
            self.on_the_way.append(each)
        self.in_workshop = staying

    def _close_carrier(self, number: int, day: date) -> None:
        """Count every parcel on its way as one exposure, in the clock's own units and at the pace of these weeks."""
        self.transit.pass_day()
        self.pace.pass_day()
        weekday = self.carrier.weekdays[number]
        worth, pace = self.weekdays.worth()[weekday], self.lasting_pace()
        observed = expected = 0.0
        staying, counted = [], []
        for each in self.on_the_way:
            if each.carrier_start > number:
                staying.append(each)
                continue
            age = self.clock.before(number) - self.clock.before(each.carrier_start)
            whole = min(int(age + worth / 2), TRANSIT_AGES - 1)
            arrived = each.arrived_on is not None and each.arrived_on <= day
            counted.append((each.transit, whole, float(arrived)))
            observed += arrived
            expected += self.transit.chance_at(each.transit, whole)
            if not arrived and age < TRANSIT_AGES:
                staying.append(each)
        for keys, whole, ended in counted:
            self.transit.add(keys, whole, at_risk=worth * pace, ended=ended)
        self.weekdays.add(weekday, observed=observed, expected=expected)
        self.pace.add("all", observed=observed, expected=expected * worth)
        self.on_the_way = staying
        self.clock = Clock(self.carrier.weekdays, self.weekdays.worth())

    # -- Asking -------------------------------------------------------------------------------------------------
    def transit_hazard(self, keys: tuple[Hashable, ...], guess: Guess | None = None) -> list[float]:
        """Return the cumulative hazard of transit by whole days of the carrier's clock."""
        return cumulative(self.transit.chances(keys, guess))

    def lasting_pace(self) -> float:
        """Return how fast the carrier is beside its tables: 1.1 is a tenth faster."""
        return self.pace.ratio("all")

    def arrival(self, sending: Sending) -> Arrival:
        """Return the distribution of the arrival of an order nobody has begun."""
        ages = range(min(HANDLING_AGES, len(self.workshop.days) - sending.start))
        days = [self.carrier.forward(self.workshop.days[sending.start + age]) for age in ages]
        return Arrival(
            hand_overs(self.handling.chances(sending.handling), days),
            self.transit_hazard(sending.transit),
            self.clock,
            pace=self.lasting_pace(),
        )


def sure(carrier_day: int) -> list[HandOver]:
    """Return the hand-over of something that has been handed over."""
    return [HandOver(carrier_day, 1.0)]
