"""Replay of old orders, day by day: what would have been promised and told, knowing only what had happened.

Promises are made with what was known at the end of the day before the purchase.  Targets are controlled on their own
promises, each on the day it fell due, region by region (the second rung of the transit ladder), with care for every
destination.  With `known` every order is promised, but only the known ones are learned from: what a shop with so few
orders of its own would have promised (see `few`).
Source: delivery reference 6 (no peeking), 1.3, 1.6.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from orders.rules.estimates.learning import Learner, Sending
from orders.rules.estimates.level import DestinationLevel, LevelControl
from orders.rules.estimates.warning import Outlook, outlook, time_to_tell
from shop.rules.calendar import NoOpenDay

MEDIAN = 0.5
ASKED_BEFORE = 2  # working days before the promise at which every warning is compared


@dataclass(frozen=True, slots=True)
class Past:
    """One old order: its groups from the coarsest to the finest, and what happened.  Times are local.

    `destination` is where promises are kept apart within the region; None: the region is one.
    """

    order: str
    purchased_at: datetime
    handling: tuple[Hashable, ...]
    transit: tuple[Hashable, ...]
    handed_over_on: date | None = None
    delivered_on: date | None = None
    promised_on: date | None = None
    destination: Hashable = None


@dataclass
class Warned:
    """What the early warning did about the promise an order really had."""

    two_days_before: float | None = None
    noticed_on: date | None = None
    renewed_on: date | None = None


@dataclass(frozen=True)
class Replayed:
    """The promises that would have been made for one order, by target, and the warning if it was asked for."""

    past: Past
    promised: dict[float, date]
    warned: Warned | None = None


@dataclass
class _Open:
    sending: Sending
    past: Past
    warned: Warned
    asked_on: date | None


@dataclass
class Replay:
    """One run through a history of orders sorted by purchase; `from_on` is the first day whose orders are told of."""

    learner: Learner
    targets: Sequence[float]
    from_on: date
    warn: bool = False
    known: frozenset[str] | None = None
    _regions: dict[Hashable, dict[float, LevelControl]] = field(default_factory=dict)
    _levels: dict[Hashable, dict[float, DestinationLevel]] = field(default_factory=dict)
    _due: dict[date, list[tuple[DestinationLevel, Past]]] = field(default_factory=dict)
    _open: list[_Open] = field(default_factory=list)

    def run(self, history: Sequence[Past], passed: Callable[[date], object] = lambda day: None) -> list[Replayed]:
        """Return what would have been promised, in the order of purchase.  `passed` hears of every day gone by.

        With `warn` the days go on after the last purchase until every warning is settled.
        """
        if not history:
            return []
        told: list[Replayed] = []
        waiting = iter(history)
        coming: Past | None = next(waiting)
        for day in _days_from(history[0].purchased_at.date()):
            if self.warn:
                self._watch(day)
            while coming is not None and coming.purchased_at.date() == day:
                told += self._place(coming)
                coming = next(waiting, None)
            self.learner.close_day(day)
            self._settle(day)
            passed(day)
            if coming is None and not self._open:
                break
        return told

    def _place(self, past: Past) -> list[Replayed]:
        """Promise one order; return it when it is one to tell of."""
        sending = Sending(
            past.order,
            self.learner.workshop.forward(past.purchased_at.date()),
            past.handling,
            past.transit,
            past.handed_over_on,
            past.delivered_on,
        )
        promised = self._promise(sending, past)
        if self._knows(past):
            self.learner.place(sending)
        if past.purchased_at.date() < self.from_on:
            return []
        warned = Warned() if self.warn else None
        if warned is not None and past.promised_on is not None and past.promised_on > past.purchased_at.date():
            self._open.append(_Open(sending, past, warned, self._asked_on(past.promised_on)))
        return [Replayed(past, promised, warned)]

    def _promise(self, sending: Sending, past: Past) -> dict[float, date]:
        """Return a day per target, none before the day of a lower target."""
        arrival, carrier = self.learner.arrival(sending), self.learner.carrier
        promised, number = {}, 0
        for target, level in self._levels_of(past).items():
            number = max(number, arrival.day_for(level.asked))
            promised[target] = carrier.day(number)
            if self._knows(past):
                self._due.setdefault(promised[target], []).append((level, past))
        return promised

    def _levels_of(self, past: Past) -> dict[float, DestinationLevel]:
        region = past.transit[min(1, len(past.transit) - 1)]
        found = self._levels.get((region, past.destination))
        if found is None:
            targets = sorted({MEDIAN, *self.targets})
            controls = self._regions.setdefault(region, {target: LevelControl(target) for target in targets})
            found = {target: DestinationLevel(controls[target]) for target in targets}
            self._levels[region, past.destination] = found
        return found

    def _knows(self, past: Past) -> bool:
        return self.known is None or past.order in self.known

    def _settle(self, day: date) -> None:
        """Count the promises that fell due on `day`, kept or not."""
        for controls in self._regions.values():
            for control in controls.values():
                control.pass_day()
        for levels in self._levels.values():
            for cared in levels.values():
                cared.pass_day()
        for level, past in self._due.pop(day, []):
            level.settle(kept=_arrived(past, day))

    # -- The warning --------------------------------------------------------------------------------------------
    def _asked_on(self, promised_on: date) -> date | None:
        """Return the day two working days before the promised one, None before the calendar begins."""
        try:
            return self.learner.workshop.day(self.learner.workshop.back(promised_on) - ASKED_BEFORE)
        except NoOpenDay:
            return None

    def _watch(self, today: date) -> None:
        """Ask at the start of a working day about every order whose promise is still open."""
        if not self.learner.workshop.is_open(today):
            return
        yesterday, staying = today - timedelta(days=1), []
        for each in self._open:
            promised_on = each.past.promised_on
            if promised_on is None or promised_on < today or _arrived(each.past, yesterday):
                continue
            if each.past.purchased_at.date() < today:
                self._ask(each, promised_on, today)
            staying.append(each)
        self._open = staying

    def _ask(self, each: _Open, promised_on: date, today: date) -> None:
        if each.warned.noticed_on is not None and today != each.asked_on:
            return
        seen = _as_known(each.sending, today)
        found: Outlook = outlook(self.learner, seen, today)
        promised = self.learner.carrier.back(promised_on)
        late = found.late_chance(promised)
        if today == each.asked_on:
            each.warned.two_days_before = late
        days_left = self.learner.workshop.back(promised_on) - self.learner.workshop.forward(today)
        if each.warned.noticed_on is None and time_to_tell(late, days_left):
            each.warned.noticed_on = today
            each.warned.renewed_on = self.learner.carrier.day(found.renewed(promised))


def _days_from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += timedelta(days=1)


def _arrived(past: Past, day: date) -> bool:
    return past.delivered_on is not None and past.delivered_on <= day


def _as_known(sending: Sending, today: date) -> Sending:
    """Return an order as it was known at the start of `today`: nothing that happens later."""
    gone = sending.handed_over_on is not None and sending.handed_over_on < today
    return Sending(
        sending.order,
        sending.start,
        sending.handling,
        sending.transit,
        sending.handed_over_on if gone else None,
    )
