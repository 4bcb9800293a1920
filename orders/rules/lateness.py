"""Late before late: will the last told promise hold, and what can we honestly say instead?

Pure: the promise, the parcel, the route and a moment go in; a finding comes out.  The promise is believed until a fact
speaks against it: a deadline has passed, the courier names a later day, a parcel comes back, goes silent, or is not in
the van on its last day.  The new range is under-promised once (one buffer working day), so that a second broken promise
is rare; it never begins before the next working day and lies on days the carrier drives and the shopper's country
receives.
Source: delivery reference 1.6 (renew at a high quantile, never at the median); commerce reference c-5, A2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from orders.rules.outlook import Outlook, outlook
from orders.rules.promise import Route
from orders.rules.recount import Plan, Recount, recount
from orders.rules.tracking import Status
from shop.rules.calendar import HORIZON_DAYS, NoOpenDay

SILENCE_DAYS = 2  # carrier working days without a scan
NOT_IN_THE_VAN = timedelta(hours=12)  # before the promise breaks: who is not out for delivery by noon is not coming
LAST_CALL = timedelta(
    hours=4
)  # before the promise breaks: the last moment at which the notice is still before the fact
LOOK_AGAIN = timedelta(hours=6)
ANY_DAY = frozenset(range(7))


class Cause(StrEnum):
    """Why, in groups a report can count.  Values of DelayCase.Cause."""

    WORKSHOP = "workshop"
    PAYMENT = "payment"
    CARRIER = "carrier"
    WEATHER = "weather"
    ADDRESS = "address"
    SILENCE = "silence"
    CLOSURE = "closure"
    GOODS = "goods"


@dataclass(frozen=True)
class Told:
    """The last promise the shopper was told.  Days are the destination's, moments aware.

    `plan` is how it was counted; None for a promise that does not tell.
    """

    deliver_by_on: date
    pack_by_at: datetime
    hand_over_by_at: datetime
    breaks_at: datetime
    home_weekdays: frozenset[int] = frozenset()
    plan: Plan | None = None


@dataclass(frozen=True)
class Progress:
    """How far a parcel is; nothing set: to be packed.  The carrier's part is the fold of its scans.

    `goods_on` is the day by which, as things are, all of its goods are in the house; None when they are.
    """

    packed: bool = False
    goods_on: date | None = None
    handed_over_at: datetime | None = None
    carrier_status: str = ""
    reason: str = ""
    eta_on: date | None = None
    last_scan_at: datetime | None = None
    unpaid: bool = False


@dataclass(frozen=True)
class Finding:
    """What the watch sees.  When `late`, `cause`, `reason_code` and the new range are set.

    `closed_days` are the days that were closed after the promise was made, when they are the reason.
    """

    late: bool
    at_risk: bool
    predicted_on: date
    look_again_at: datetime | None
    cause: str = ""
    reason_code: str = ""
    deliver_from_on: date | None = None
    deliver_by_on: date | None = None
    hand_over_on: date | None = None
    closed_days: tuple[date, ...] = ()
    surely: bool = False  # the new range ends where its service's parcels, as late as this one, are nearly all there


@dataclass(frozen=True)
class _Suspicion:
    """A day later than told, and the fact that speaks for it."""

    predicted_on: date
    cause: str
    reason_code: str
    hand_over_on: date | None = None
    closed_days: tuple[date, ...] = ()


_CAUSE_OF_REASON = {
    "weather": Cause.WEATHER,
    "road_closed": Cause.WEATHER,
    "address": Cause.ADDRESS,
    "not_home": Cause.ADDRESS,
    "no_access": Cause.ADDRESS,
    "refused": Cause.ADDRESS,
}
_COMING_BACK = frozenset({Status.RETURNING, Status.RETURNED})
_WAITING = frozenset({Status.HELD, Status.ATTEMPT_FAILED, Status.LOST_OR_SILENT})
_AT_THE_DOOR = frozenset({Status.OUT_FOR_DELIVERY, Status.READY_FOR_PICKUP, Status.DELIVERED})
_SAYS_ENOUGH = _COMING_BACK | _AT_THE_DOOR | {Status.ATTEMPT_FAILED}  # no table knows better


def assess(*, told: Told, progress: Progress, route: Route, at: datetime) -> Finding:
    """Judge at `at` (aware) whether one undelivered parcel will be late against what was last told.

    Raises NoOpenDay when a calendar has no answer.
    """
    seen = _outlook(told, progress, route, at)
    suspicion = (
        _suspect(told, progress, route, at)
        or _closed_since(told, progress, route)
        or _unlikely(told, progress, route, seen)
    )
    late = suspicion is not None and suspicion.predicted_on > told.deliver_by_on
    if suspicion is None or not late:
        return Finding(
            late=False,
            at_risk=_at_risk(told, progress, at) or (seen is not None and seen.to_watch),
            predicted_on=told.deliver_by_on,
            look_again_at=_look_again_at(told, progress, route, at, daily=seen is not None),
        )
    first, last = renewed_range(predicted_on=suspicion.predicted_on, told=told, route=route, at=at)
    surely_on = _delivery_day(route, seen.surely_on, told.home_weekdays or ANY_DAY) if seen else last
    return Finding(
        late=True,
        at_risk=True,
        predicted_on=suspicion.predicted_on,
        look_again_at=at + LOOK_AGAIN,
        cause=suspicion.cause,
        reason_code=suspicion.reason_code,
        deliver_from_on=first,
        deliver_by_on=max(last, surely_on),
        hand_over_on=suspicion.hand_over_on,
        closed_days=suspicion.closed_days,
        surely=surely_on > last,
    )


def renewed_range(*, predicted_on: date, told: Told, route: Route, at: datetime) -> tuple[date, date]:
    """Return the new range: from the likely day to one buffer working day later, on days somebody is at home.

    The first day is never before the next working day after `at`.  Raises NoOpenDay when a calendar has no answer.
    """
    tomorrow = route.destination.local_day(at) + timedelta(days=1)
    first = _delivery_day(route, max(predicted_on, tomorrow))
    last = _delivery_day(route, first + timedelta(days=1))
    if not told.home_weekdays:
        return first, last
    first = _delivery_day(route, first, told.home_weekdays)
    last = _delivery_day(route, first + timedelta(days=1))
    return first, last if last.weekday() in told.home_weekdays else first


def _suspect(told: Told, progress: Progress, route: Route, at: datetime) -> _Suspicion | None:
    if progress.handed_over_at is None:
        return _not_gone(told, progress, route, at)
    if progress.carrier_status in _COMING_BACK:
        return _sent_again(progress, route, at)
    if progress.eta_on and progress.eta_on > told.deliver_by_on:
        return _Suspicion(progress.eta_on, _cause(progress.reason), progress.reason or "later")
    return _stuck(told, progress, route, at)


def _closed_since(told: Told, progress: Progress, route: Route) -> _Suspicion | None:
    """Find that days were closed after the promise was made, and count its way again (commerce reference A3.5)."""
    if told.plan is None or progress.carrier_status in _AT_THE_DOOR:
        return None
    gone_on = route.carrier.local_day(progress.handed_over_at) if progress.handed_over_at else None
    found: Recount = recount(told.plan, route, packed=progress.packed, gone_on=gone_on)
    if not found.closed_since:
        return None
    reason = "closed_workshop" if found.closed_at == route.workshop.code else "closed_road"
    leaves_on = None if gone_on else found.hand_over_on
    return _Suspicion(found.deliver_by_on, Cause.CLOSURE, reason, leaves_on, found.closed_since)


def _outlook(told: Told, progress: Progress, route: Route, at: datetime) -> Outlook | None:
    """Return what is to be expected of a parcel on its way of which the courier says nothing else."""
    if progress.handed_over_at is None or progress.carrier_status in _SAYS_ENOUGH:
        return None
    if progress.eta_on is not None:  # the courier knows this very parcel, the table all of them
        return None
    return outlook(
        route=route,
        gone_on=route.carrier.local_day(progress.handed_over_at),
        deliver_by_on=told.deliver_by_on,
        today=route.carrier.local_day(at),
    )


def _unlikely(told: Told, progress: Progress, route: Route, seen: Outlook | None) -> _Suspicion | None:
    """Find that a parcel, by what its service shows these days, will hardly come in time."""
    if seen is None or not seen.to_tell:
        return None
    after = _delivery_day(route, told.deliver_by_on + timedelta(days=1))
    return _Suspicion(max(after, seen.likely_on), _cause(progress.reason), progress.reason or "later")


def _not_gone(told: Told, progress: Progress, route: Route, at: datetime) -> _Suspicion | None:
    """Before the hand-over deadline the plan stands, unless goods come in too late for it; after it, count anew."""
    if progress.goods_on and not progress.packed:
        return _goods_come_late(told, progress.goods_on, route, at)
    if at < told.hand_over_by_at:
        return None
    day = route.workshop.local_day(at)
    if at >= route.workshop.day_closes_at(day):
        day += timedelta(days=1)
    if not progress.packed:
        day = route.workshop.add(route.workshop.next_open(day), 1)
    leaves_on = _hand_over_day(route, day)
    arrives_on = _delivery_day(route, route.carrier.add(leaves_on, route.transit_max_days))
    if progress.unpaid:
        return _Suspicion(arrives_on, Cause.PAYMENT, "payment", leaves_on)
    return _Suspicion(arrives_on, Cause.WORKSHOP, "packed_late" if progress.packed else "workshop", leaves_on)


def _goods_come_late(told: Told, goods_on: date, route: Route, at: datetime) -> _Suspicion | None:
    """Count from the day the goods come in: work begins on the next one."""
    ready_on = max(goods_on, route.workshop.local_day(at)) + timedelta(days=1)
    packed_on = route.workshop.add(route.workshop.next_open(ready_on), route.handling_days - 1)
    leaves_on = _hand_over_day(route, packed_on + timedelta(days=1))
    if route.workshop.day_closes_at(leaves_on) <= told.hand_over_by_at:
        return None
    arrives_on = _delivery_day(route, route.carrier.add(leaves_on, route.transit_max_days))
    return _Suspicion(arrives_on, Cause.GOODS, "goods", leaves_on)


def _sent_again(progress: Progress, route: Route, at: datetime) -> _Suspicion:
    """Coming back means packing and sending once more."""
    ready_on = route.workshop.add(route.workshop.local_day(at), route.handling_days + 1)
    leaves_on = _hand_over_day(route, ready_on)
    arrives_on = _delivery_day(route, route.carrier.add(leaves_on, route.transit_max_days))
    return _Suspicion(arrives_on, _cause(progress.reason), "coming_back")


def _stuck(told: Told, progress: Progress, route: Route, at: datetime) -> _Suspicion | None:
    """Find a parcel that waits, is silent, or is not in the van on the promised day."""
    today = route.carrier.local_day(at)
    next_day = _delivery_day(route, today + timedelta(days=1))
    if progress.carrier_status == Status.LOST_OR_SILENT or _silent(progress, route, at):
        needed = _delivery_day(route, route.carrier.add(today, route.transit_min_days))
        return _Suspicion(needed, Cause.SILENCE, "silence")
    if progress.carrier_status == Status.HELD:
        needed = _delivery_day(route, route.carrier.add(today, route.transit_min_days))
        return _Suspicion(needed, _cause(progress.reason), progress.reason or "held")
    if progress.carrier_status == Status.ATTEMPT_FAILED:
        return _Suspicion(next_day, _cause(progress.reason or "not_home"), progress.reason or "not_home")
    if progress.carrier_status == Status.READY_FOR_PICKUP:
        return None  # it has arrived; when it is fetched is the shopper's own choice
    at_the_door = progress.carrier_status in _AT_THE_DOOR
    if at >= told.breaks_at - (LAST_CALL if at_the_door else NOT_IN_THE_VAN):
        return _Suspicion(next_day, _cause(progress.reason), "van_full" if at_the_door else "not_in_van")
    return None


def _silent(progress: Progress, route: Route, at: datetime) -> bool:
    heard_at = progress.last_scan_at or progress.handed_over_at
    if heard_at is None:
        return False
    heard_on, today = route.carrier.local_day(heard_at), route.carrier.local_day(at)
    # Today counts only once it is over: the van may still be scanned this evening.
    return route.carrier.days_between(heard_on, today - timedelta(days=1)) >= SILENCE_DAYS


def _at_risk(told: Told, progress: Progress, at: datetime) -> bool:
    if progress.handed_over_at is not None:
        return progress.carrier_status in _WAITING
    return at >= (told.hand_over_by_at if progress.packed else told.pack_by_at)


def _look_again_at(told: Told, progress: Progress, route: Route, at: datetime, *, daily: bool) -> datetime:
    """Return the next moment at which the answer could change by itself; news from the courier comes earlier.

    `daily`: what is expected changes with every day that passes without it.
    """
    moments = [told.breaks_at - NOT_IN_THE_VAN, told.breaks_at - LAST_CALL]
    if daily:
        moments.append(route.carrier.day_ends_at(route.carrier.local_day(at)))
    if progress.handed_over_at is None:
        moments += [told.pack_by_at, told.hand_over_by_at]
        if progress.goods_on:  # when they are not here by then, it is known the same evening
            moments.append(route.workshop.day_ends_at(progress.goods_on))
    else:
        heard_at = progress.last_scan_at or progress.handed_over_at
        silent_from_on = route.carrier.add(route.carrier.local_day(heard_at), SILENCE_DAYS)
        moments.append(route.carrier.day_ends_at(silent_from_on))
    if _drifts(told, progress, at):
        moments.append(at + LOOK_AGAIN)
    return min([moment for moment in moments if moment > at], default=at + LOOK_AGAIN)


def _drifts(told: Told, progress: Progress, at: datetime) -> bool:
    """Tell whether the predicted day moves with every day that passes."""
    if progress.handed_over_at is None:
        return at >= told.hand_over_by_at
    return progress.carrier_status in _WAITING


def _cause(reason: str) -> str:
    return _CAUSE_OF_REASON.get(reason, Cause.CARRIER)


def _hand_over_day(route: Route, day: date) -> date:
    for offset in range(HORIZON_DAYS):
        candidate = day + timedelta(days=offset)
        if route.workshop.is_open(candidate) and route.carrier.is_open(candidate):
            return candidate
    raise NoOpenDay(f"{route.workshop.code} and {route.carrier.code}")


def _delivery_day(route: Route, day: date, weekdays: frozenset[int] = ANY_DAY) -> date:
    for offset in range(HORIZON_DAYS):
        candidate = day + timedelta(days=offset)
        if (
            route.carrier.is_open(candidate)
            and route.destination.is_open(candidate)
            and candidate.weekday() in weekdays
        ):
            return candidate
    raise NoOpenDay(f"{route.carrier.code} and {route.destination.code}")
