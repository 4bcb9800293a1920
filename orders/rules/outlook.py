"""How likely is a parcel on its way late by now, and by which day is it surely there?

From what its service has shown lately, given that it has not arrived yet.  A service of which little is known gives no
outlook: then facts alone speak (`rules/lateness.py`).
Source: delivery reference 1.6 (conditional on what has not happened yet; two thresholds for two audiences).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from orders.rules.estimates.arrival import Arrival, sure
from orders.rules.estimates.days import DayCount
from orders.rules.estimates.warning import RENEW_AT, time_to_tell
from orders.rules.promise import Route

ENOUGH = 30  # parcels of a service that arrived, from which on its outlook is believed
WATCH_AT = 0.3  # staff look from this probability on
LOOK_AHEAD = timedelta(days=300)


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of one parcel.  Days are the carrier's."""

    late_chance: float
    days_left: int
    likely_on: date
    surely_on: date

    @property
    def to_tell(self) -> bool:
        """Say whether the shopper should hear of it now."""
        return time_to_tell(self.late_chance, self.days_left)

    @property
    def to_watch(self) -> bool:
        """Say whether staff should look at it."""
        return self.late_chance >= WATCH_AT


def outlook(*, route: Route, gone_on: date, deliver_by_on: date, today: date) -> Outlook | None:
    """Return the outlook at the start of `today` of a parcel handed over on `gone_on`; None when too little is known.

    Raises NoOpenDay when the carrier's calendar has no answer.
    """
    learned = route.learned
    if learned is None or learned.parcels < ENOUGH or len(learned.road) < 2:
        return None
    days = DayCount(gone_on - timedelta(days=10), today + LOOK_AHEAD, route.carrier.is_open)
    start, now = days.forward(gone_on), days.forward(max(today, gone_on))
    arrival = Arrival(sure(start), learned.road, already=max(now - start, 0))
    promised = days.back(deliver_by_on)
    return Outlook(
        late_chance=1.0 - arrival.chance_by(promised),
        days_left=max(promised - now, 0),
        likely_on=days.day(arrival.day_for(0.5, not_before=now)),
        surely_on=days.day(arrival.day_for(RENEW_AT, not_before=now)),
    )
