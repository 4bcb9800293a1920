"""The early warning: how likely is it late by now, and when is it time to say so?

Asked at the start of a working day, with what had happened by the evening before.
Source: delivery reference 1.6 (conditional on what has not happened yet; renew at a high quantile, not at the median).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from orders.rules.estimates.arrival import Arrival, hand_overs
from orders.rules.estimates.learning import HANDLING_AGES, Learner, Sending, sure

NOTICE_AT = 0.6  # tell the customer from this probability on
NOTICE_NEAR_AT = 0.45  # ... and from this one when few days are left
NEAR_DAYS = 2  # working days before the promise
RENEW_AT = 0.93  # what the new promise is asked to keep


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of one order now; `today` is the carrier's day number the question is asked on."""

    arrival: Arrival
    today: int

    def late_chance(self, promised: int) -> float:
        """Return the probability that it arrives after the carrier's day `promised`."""
        return 1.0 - self.arrival.chance_by(promised)

    def renewed(self, promised: int) -> int:
        """Return the carrier's day of a new promise: later than the old one, and kept with RENEW_AT."""
        return self.arrival.day_for(RENEW_AT, not_before=max(promised + 1, self.today))


def outlook(learner: Learner, sending: Sending, today: date) -> Outlook:
    """Return what is to be expected of an undelivered order at the start of `today`."""
    carrier_today = learner.carrier.forward(today)
    if sending.handed_over_on is not None and sending.handed_over_on < today:
        start = learner.carrier.forward(sending.handed_over_on)
        already = learner.clock.before(carrier_today) - learner.clock.before(start)
        hazard = learner.transit_hazard(sending.transit)
        return Outlook(
            Arrival(sure(start), hazard, learner.clock, pace=learner.lasting_pace(), already=max(already, 0.0)),
            carrier_today,
        )
    begin = max(learner.workshop.forward(today), sending.start)
    chances = learner.handling.chances(sending.handling)
    ages = [min(number - sending.start, HANDLING_AGES - 1) for number in range(begin, begin + HANDLING_AGES)]
    days = [learner.carrier.forward(learner.workshop.day(begin + offset)) for offset in range(HANDLING_AGES)]
    overs = hand_overs([chances[age] for age in ages], days)
    hazard = learner.transit_hazard(sending.transit)
    return Outlook(Arrival(overs, hazard, learner.clock, pace=learner.lasting_pace()), carrier_today)


def time_to_tell(late_chance: float, days_left: int) -> bool:
    """Say whether the customer should hear of it now, `days_left` working days before the promised day."""
    return late_chance >= NOTICE_AT or (days_left <= NEAR_DAYS and late_chance >= NOTICE_NEAR_AT)
