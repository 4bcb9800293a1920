"""The early warning: how likely is it late by now, and when is it time to say so?

Asked at the start of a working day, with what had happened by the evening before.
Source: delivery reference 1.6 (conditional on what has not happened yet; renew at a high quantile, not at the median).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from orders.rules.estimates.arrival import Arrival, hand_overs, sure
from orders.rules.estimates.learning import Learner, Sending

NOTICE_AT = 0.6  # tell the customer from this probability on
NOTICE_NEAR_AT = 0.5  # ... and from this one when few days are left
NEAR_DAYS = 3  # working days before the promise that are few
RENEW_AT = 0.95  # what the new promise is asked to keep


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
        already = max(carrier_today - start, 0)
        return Outlook(Arrival(sure(start), learner.transit.hazard(sending.transit), already=already), carrier_today)
    begin = max(learner.workshop.forward(today), sending.start)
    chances = learner.handling.chances(sending.handling)
    numbers = range(begin, begin + len(chances))
    left = [chances[min(number - sending.start, len(chances) - 1)] for number in numbers]
    overs = hand_overs(left, [learner.carrier.forward(learner.workshop.day(number)) for number in numbers])
    return Outlook(Arrival(overs, learner.transit.hazard(sending.transit)), carrier_today)


def time_to_tell(late_chance: float, days_left: int) -> bool:
    """Say whether the customer should hear of it now, `days_left` working days before the promised day."""
    return late_chance >= NOTICE_AT or (days_left <= NEAR_DAYS and late_chance >= NOTICE_NEAR_AT)
