"""The stages of an order and until when each has to be done, derived backwards from what was promised.

The promise is fixed; the stages lead up to it.  Counting backwards on the calendars as they are now keeps it: when a
day closes later, packing and hand-over are due earlier, and the shopper's day stays.  No deadline lies on a closed day.
Source: issue text (stages); commerce reference c-5, d.5 (milestones); delivery reference 1.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from orders.rules.promise import Route
from shop.rules.calendar import HORIZON_DAYS, NoOpenDay, WorkingCalendar

LABEL_MINUTES = 60  # of the workshop's open time: what it takes to print and stick on before the van comes


class Stage(StrEnum):
    """Where an order is, in the order of the way.  The values fit Order.next_due_kind."""

    PAYMENT = "pay"
    MAKING = "make"
    PACKING = "pack"
    LABELLING = "label"
    HAND_OVER = "hand_over"
    TRANSIT = "deliver"
    RECEIPT = "receipt"


@dataclass(frozen=True)
class Promised:
    """What the deadlines are counted back from: the promise's own moments and how much work lies before packing.

    Nothing is due before `made_at`, the moment it was said.
    """

    made_at: datetime
    pack_by_at: datetime
    hand_over_by_at: datetime
    breaks_at: datetime
    handling_days: int = 1
    making_days: int = 0


@dataclass(frozen=True)
class Deadlines:
    """Until when each stage has to be done (UTC), never later than the next one's."""

    pay_by_at: datetime
    make_by_at: datetime
    pack_by_at: datetime
    label_by_at: datetime
    hand_over_by_at: datetime
    deliver_by_at: datetime

    def of(self, stage: Stage) -> datetime:
        """Return the deadline of one stage; receipt has the one of the arrival."""
        return {
            Stage.PAYMENT: self.pay_by_at,
            Stage.MAKING: self.make_by_at,
            Stage.PACKING: self.pack_by_at,
            Stage.LABELLING: self.label_by_at,
            Stage.HAND_OVER: self.hand_over_by_at,
        }.get(stage, self.deliver_by_at)


@dataclass(frozen=True)
class Standing:
    """How far an order's least advanced parcel is."""

    parcel_status: str
    unpaid: bool = False
    to_be_made: bool = False
    made: bool = False
    labelled: bool = False
    confirmed: bool = False


def stage_of(standing: Standing) -> Stage | None:
    """Return the stage an order is at, None when nothing is left to do."""
    if standing.parcel_status == "planned":
        if standing.unpaid:
            return Stage.PAYMENT
        return Stage.MAKING if standing.to_be_made and not standing.made else Stage.PACKING
    if standing.parcel_status == "packed":
        return Stage.HAND_OVER if standing.labelled else Stage.LABELLING
    if standing.parcel_status == "handed_over":
        return Stage.TRANSIT
    return None if standing.confirmed or standing.parcel_status != "delivered" else Stage.RECEIPT


def deadlines(promised: Promised, route: Route) -> Deadlines:
    """Count back from a promise: hand-over, label, packing, making, payment.

    Nothing is due later than the promise said; where one of its days has closed since, the open day before it counts,
    unless that lies before the promise was made: then the promise's own moment stays, and the watch finds the delay.
    Raises NoOpenDay when a calendar has no answer.
    """
    workshop = route.workshop
    said_on = workshop.local_day(promised.hand_over_by_at)
    leaves_on = _last_common(workshop, route.carrier, said_on)
    hand_over_by_at = _not_before(promised, promised.hand_over_by_at, workshop.day_closes_at(leaves_on))
    packed_on = workshop.local_day(promised.pack_by_at)
    # Packing keeps a day of its own before the hand-over, unless it never had one.
    packed_on = workshop.last_open(min(packed_on, leaves_on - timedelta(days=packed_on < said_on)))
    pack_by_at = _not_before(promised, promised.pack_by_at, workshop.day_closes_at(packed_on))
    pack_by_at = min(pack_by_at, hand_over_by_at)
    label_by_at = max(pack_by_at, workshop.subtract_minutes(hand_over_by_at, LABEL_MINUTES))
    starts_on = workshop.subtract(packed_on, promised.handling_days + promised.making_days - 1)
    make_by_at = pack_by_at  # nothing to make: ready when it is packed
    if promised.making_days:
        make_by_at = min(pack_by_at, workshop.day_closes_at(workshop.subtract(packed_on, promised.handling_days)))
    return Deadlines(
        pay_by_at=min(make_by_at, _cutoff(workshop, starts_on)),
        make_by_at=make_by_at,
        pack_by_at=pack_by_at,
        label_by_at=label_by_at,
        hand_over_by_at=hand_over_by_at,
        deliver_by_at=promised.breaks_at,
    )


def _not_before(promised: Promised, said: datetime, counted: datetime) -> datetime:
    return min(said, counted) if counted >= promised.made_at else said


def _cutoff(workshop: WorkingCalendar, day: date) -> datetime:
    return workshop.cutoff_at(day) or workshop.day_closes_at(day)


def _last_common(workshop: WorkingCalendar, carrier: WorkingCalendar, day: date) -> date:
    for offset in range(HORIZON_DAYS):
        candidate = day - timedelta(days=offset)
        if workshop.is_open(candidate) and carrier.is_open(candidate):
            return candidate
    raise NoOpenDay(f"{workshop.code} and {carrier.code}")
