"""What telling a crisis does to each open order: its promise, and each parcel that goes on days of its own.

Preview and telling take this one path.  Source: commerce reference c-10; style 14.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import pairwise

from django.db.models import QuerySet

from orders.models import DelayCase, IncidentNotice, Order, Parcel, ParcelPlan, Promise, ServiceLevel
from orders.queries.plans import living_parcels
from orders.queries.quotes import route_of
from orders.rules.incident import Crisis, Moved, Said, facts_of, move, reaches
from orders.rules.promise import Route
from orders.rules.recount import rests
from shop.rules.calendar import NoOpenDay

_DONE = frozenset({Parcel.Status.CANCELLED, Parcel.Status.DELIVERED})
# What the telling reads of an order; anything else would cost a query for each.
_READ = (
    "locale",
    "number",
    "status",
    "payment_status",
    "fulfilment_status",
    "service_status",
    "customer_id",
    "service_id",
    "pickup",
    "delivered_at",
    "next_due_at",
    "next_due_kind",
    "watch_at",
)


@dataclass(frozen=True)
class Case:
    """One open order with all that decides what a crisis does to it.

    `promises` by version, `parcels` those that still mean something, `delays` how many it had, `earlier` the newest
    notice of the same crisis, `plans` by parcel id all versions of the days of its own, for parcels that have some.
    """

    order: Order
    promises: list[Promise]
    parcels: list[Parcel]
    route: Route
    delays: int = 0
    earlier: IncidentNotice | None = None
    plans: Mapping[int, Sequence[ParcelPlan]] = field(default_factory=dict)

    @property
    def holds(self) -> Promise:
        """Return the promise that holds: the last one that is more than news within it."""
        return [each for each in self.promises if each.source != Promise.Source.ETA][-1]

    @property
    def waiting(self) -> list[Parcel]:
        """Return the parcels that have not arrived, nor wait to be collected."""
        over = _DONE | ({Parcel.Status.PACKED} if self.order.pickup else set())
        return [row for row in self.parcels if row.status not in over]

    @property
    def covered(self) -> list[Parcel]:
        """Return those of them the order's promise speaks of: no exchange, and none with days of its own."""
        return [row for row in self.waiting if row.promised and row.pk not in self.plans]  # type: ignore[attr-defined] # annotated

    @property
    def own(self) -> list[Parcel]:
        """Return those of them that go on days of their own."""
        return [row for row in self.waiting if row.pk in self.plans] if self.plans else []

    @property
    def awaited(self) -> bool:
        """Say whether we named a day for anything that is still to come: after its arrival, for an exchange."""
        return self.order.delivered_at is None or bool(self.own)

    @property
    def gone(self) -> bool:
        """Say whether everything the promise speaks of left us."""
        return all(parcel.handed_over_at for parcel in self.covered or self.waiting)


def cases_of(orders: Sequence[Order], *, incident_id: int) -> list[Case]:
    """Read what decides about each order, in the given order.

    Five queries, however many there are; one more when any goes in two parcels.  Orders without a promise are left out.
    """
    ids = [order.pk for order in orders]
    promises = _grouped(Promise.objects.filter(order__in=ids).order_by("version", "id"))
    boxes = _grouped(living_parcels().filter(order__in=ids))
    earlier = IncidentNotice.objects.filter(order__in=ids, version__incident=incident_id).select_related("base")
    newest = {row.order_id: row for row in earlier.order_by("version__number", "id")}
    delays = Counter(DelayCase.objects.filter(order__in=ids).order_by("id").values_list("order_id", flat=True))
    routes = _routes({order.service_id for order in orders})
    plans = _plans(boxes)
    return [
        Case(
            order,
            promises[order.pk],
            boxes.get(order.pk, []),
            routes[order.service_id],
            delays[order.pk],
            newest.get(order.pk),
            plans.get(order.pk, {}),
        )
        for order in orders
        if order.pk in promises
    ]


def read_orders(rows: QuerySet[Order]) -> QuerySet[Order]:
    """Return orders with the columns the telling needs and no others."""
    return rows.only(*_READ)


def _plans(boxes: Mapping[int, Sequence[Parcel]]) -> dict[int, dict[int, list[ParcelPlan]]]:
    """Return by order, then by parcel, all versions of its own days.  One query, none without a second parcel."""
    of_order = {parcel.pk: order_id for order_id, row in boxes.items() if len(row) > 1 for parcel in row}
    of_order |= {row[0].pk: order_id for order_id, row in boxes.items() if len(row) == 1 and row[0].number > 1}
    found: dict[int, dict[int, list[ParcelPlan]]] = {}
    if of_order:
        for plan in ParcelPlan.objects.filter(parcel__in=of_order).order_by("version", "id"):
            found.setdefault(of_order[plan.parcel_id], {}).setdefault(plan.parcel_id, []).append(plan)
    return found


def _grouped(rows: QuerySet[Promise] | QuerySet[Parcel]) -> dict[int, list]:  # type: ignore[type-arg] # of the rows' own kind
    found: dict[int, list] = {}  # type: ignore[type-arg]
    for row in rows:
        found.setdefault(row.order_id, []).append(row)
    return found


def _routes(service_ids: set[int]) -> dict[int, Route]:
    calendars = "workshop__calendar", "carrier_calendar", "destination_calendar"
    rows = ServiceLevel.objects.select_related(*calendars).filter(pk__in=service_ids).order_by("id")
    return {row.pk: route_of(row) for row in rows}


@dataclass(frozen=True)
class OwnDays:
    """A parcel on days of its own that lie in the crisis: what holds, what we say now (None: the same)."""

    parcel: Parcel
    holds: ParcelPlan
    moved: Moved | None
    known_days: int


@dataclass(frozen=True)
class Verdict:
    """What becomes of one order: the outcome, the days we say now, and what an update compares with.

    `first` says that nobody told her of this crisis before; `own` are its parcels on days of their own that it touches.
    """

    outcome: str
    base: Promise
    counted_on: date
    moved: Moved | None = None
    facts: str = ""
    first: bool = True
    own: tuple[OwnDays, ...] = ()


def judge(case: Case, crisis: Crisis, *, at: datetime) -> Verdict:
    """Say what telling a crisis does to an order.  No query."""
    outcomes = IncidentNotice.Outcome
    told = case.earlier if case.earlier and case.earlier.outcome in {outcomes.TOLD, outcomes.SAME} else None
    today = case.route.destination.local_day(at)
    base = told.base if told and told.base else case.holds
    counted_on = told.counted_on if told else today
    said = _said(base, case.route, crisis, gone=case.gone)
    touched = bool(case.covered) and _reaches(said, crisis, today)
    own = tuple(_own_days(case, crisis, counted_on=counted_on, today=today))
    if not touched and not own:
        return Verdict(outcomes.OUTSIDE, base, counted_on)
    known = min([said.known_days] * touched + [each.known_days for each in own])
    if not told and 0 < crisis.extra_days <= known:
        return Verdict(outcomes.KNEW, base, counted_on)
    moved = _moved(said, case.holds, case.route, crisis, counted_on, today) if touched else None
    found = Verdict(outcomes.TOLD, base, counted_on, _beyond(case, moved, own), "", told is None, own)
    facts = _facts(case, crisis, found)
    same = told is not None and told.facts == facts
    return replace(found, outcome=outcomes.SAME if same else outcomes.TOLD, facts=facts)


def stands(case: Case) -> Verdict:
    """Say what an all-clear does: it tells, and moves nothing."""
    own = () if case.covered else tuple(OwnDays(row, case.plans[row.pk][-1], None, 0) for row in case.own)
    return Verdict(IncidentNotice.Outcome.TOLD, case.holds, case.holds.deliver_by_on, first=False, own=own)


def _own_days(case: Case, crisis: Crisis, *, counted_on: date, today: date) -> Iterator[OwnDays]:
    """Yield the parcels on days of their own that lie in the crisis, counted from what held when she was first told."""
    for parcel in case.own:
        versions = case.plans[parcel.pk]
        base, holds = _base(versions, crisis.id), versions[-1]
        said = _said(base, case.route, crisis, gone=parcel.handed_over_at is not None)
        if _reaches(said, crisis, today):
            moved = _moved(said, holds, case.route, crisis, counted_on, today)
            yield OwnDays(parcel, holds, moved, said.known_days)


def _base(versions: Sequence[ParcelPlan], crisis_id: int) -> ParcelPlan:
    """Return the days that held before this crisis first moved them; those that hold when it has not."""
    for before, after in pairwise(versions):
        if after.basis.get("incident") == crisis_id:
            return before
    return versions[-1]


def _beyond(case: Case, moved: Moved | None, own: Sequence[OwnDays]) -> Moved | None:
    """Let the promise move as far as a parcel that was to come within it: everything is there by the promised day."""
    within = [
        each.moved
        for each in own
        if each.moved and each.parcel.promised and each.holds.deliver_by_on <= case.holds.deliver_by_on  # type: ignore[attr-defined] # annotated
    ]
    last = max((each.deliver_by_on for each in within), default=case.holds.deliver_by_on)
    if last <= (moved or case.holds).deliver_by_on:
        return moved
    return next(each for each in within if each.deliver_by_on == last)


def _facts(case: Case, crisis: Crisis, found: Verdict) -> str:
    days: Moved | Promise | ParcelPlan = found.moved or case.holds
    told: list[object] = [str(days.deliver_from_on), str(days.deliver_by_on)]
    for each in found.own:
        days = each.moved or each.holds
        told += [each.parcel.pk, str(days.deliver_from_on), str(days.deliver_by_on)]
    return facts_of(*crisis.said_in(case.order.locale), *told)


def _said(base: Promise | ParcelPlan, route: Route, crisis: Crisis, *, gone: bool) -> Said:
    steps = base.basis.get("steps", [])
    return Said(
        deliver_from_on=base.deliver_from_on,
        deliver_by_on=base.deliver_by_on,
        starts_on=base.starts_on,
        hand_over_on=route.workshop.local_day(base.hand_over_by_at),
        gone=gone,
        home_weekdays=frozenset(base.basis.get("home_weekdays", [])),
        known_days=base.basis.get("crises", {}).get(str(crisis.id), 0),
        road_rests=rests(steps)[1] if steps else None,
    )


def _reaches(said: Said, crisis: Crisis, today: date) -> bool:
    return reaches(said, hits=crisis.hits, starts_on=crisis.starts_on, ends_on=crisis.ends_on, today=today)


def _moved(
    said: Said, holds: Promise | ParcelPlan, route: Route, crisis: Crisis, counted_on: date, today: date
) -> Moved | None:
    """Return days later than those that hold, or None; a calendar without an answer moves nothing: the watch looks."""
    try:
        moved = move(said, hits=crisis.hits, extra_days=crisis.extra_days, counted_on=counted_on, route=route)
    except NoOpenDay:
        return None
    if moved is None or moved.deliver_by_on <= max(holds.deliver_by_on, today):
        return None
    return moved
