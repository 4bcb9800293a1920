"""Crises: which hold now, whom one concerns, and what telling it would do.  Preview and telling take this one path.

Source: commerce reference c-10; style 14.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from orders.models import (
    DelayCase,
    IncidentNotice,
    IncidentVersion,
    Order,
    OrderLine,
    Parcel,
    ParcelPlan,
    Promise,
    ServiceLevel,
)
from orders.queries.plans import living_parcels
from orders.queries.quotes import route_of
from orders.rules.incident import Crisis, Moved, Said, facts_of, move, reaches
from orders.rules.promise import Route
from shop.rules.calendar import NoOpenDay

COUNT_AT_MOST = 10_000
EXAMPLES = 10
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


def open_orders(crisis: Crisis, *, today: date) -> QuerySet[Order]:
    """Return the open orders a crisis may concern; the rule `reaches` has the last word about its days.

    By the index `order_not_arrived`.
    """
    scope = crisis.scope
    rows = Order.objects.filter(status=Order.Status.PLACED, delivered_at=None)
    promised = Promise.objects.filter(order=OuterRef("pk"), starts_on__lte=crisis.ends_on)
    if crisis.starts_on > today:
        promised = promised.filter(deliver_by_on__gte=crisis.starts_on)
    rows = rows.filter(Exists(promised))
    if scope.countries:
        rows = rows.filter(country__in=scope.countries)
    if scope.services:
        rows = rows.filter(service__in=scope.services)
    if scope.workshops:
        rows = rows.filter(service__workshop__in=scope.workshops)
    rows = rows.filter(_any(postcode__istartswith=scope.postcodes), _any(region__iexact=sorted(scope.regions)))
    if scope.products:
        inside = OrderLine.objects.filter(order=OuterRef("pk"), variant__product__in=scope.products)
        rows = rows.filter(Exists(inside))
    if scope.couriers:
        carried = Parcel.objects.filter(order=OuterRef("pk"), carrier__in=scope.couriers, delivered_at=None)
        rows = rows.filter(Exists(carried.filter(handed_over_at__isnull=False)))
    return rows


def _any(**words: Sequence[str]) -> Q:
    found = Q()
    for lookup, values in words.items():
        for value in values:
            found |= Q(**{lookup: value})
    return found


def told_orders(incident_id: int) -> QuerySet[Order]:
    """Return the open orders that were told of a crisis."""
    told = IncidentNotice.objects.filter(
        order=OuterRef("pk"), version__incident=incident_id, outcome=IncidentNotice.Outcome.TOLD
    )
    return Order.objects.filter(Exists(told), status=Order.Status.PLACED, delivered_at=None)


def next_orders(version: IncidentVersion, crisis: Crisis, *, today: date, most: int) -> list[int]:
    """Return the ids of the next orders without a notice of this version, after its cursor.  One query.

    Keyset: an order is never looked at twice in one pass, however many there are.
    """
    over = version.kind == IncidentVersion.Kind.OVER
    rows = told_orders(version.incident_id) if over else open_orders(crisis, today=today)
    noticed = IncidentNotice.objects.filter(order=OuterRef("pk"), version=version)
    rows = rows.filter(~Exists(noticed), pk__gt=version.cursor)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])


# -- What it does to each order ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One open order with all that decides what a crisis does to it.

    `promises` by version, `parcels` those that still mean something, `delays` how many it had, `earlier` the newest
    notice of the same crisis.
    """

    order: Order
    promises: list[Promise]
    parcels: list[Parcel]
    route: Route
    delays: int = 0
    earlier: IncidentNotice | None = None

    @property
    def holds(self) -> Promise:
        """Return the promise that holds: the last one that is more than news within it."""
        return [each for each in self.promises if each.source != Promise.Source.ETA][-1]

    @property
    def awaited(self) -> list[Parcel]:
        """Return the parcels the promise still waits for."""
        there = {Parcel.Status.PACKED} if self.order.pickup else set()
        return [row for row in self.parcels if row.promised and row.status not in _DONE | there]  # type: ignore[attr-defined] # annotated

    @property
    def gone(self) -> bool:
        """Say whether everything left us."""
        return all(parcel.handed_over_at for parcel in self.awaited)


def cases_of(orders: Sequence[Order], *, incident_id: int) -> list[Case]:
    """Read what decides about each order, in the given order.  Five queries, however many there are.

    Orders without a promise are left out.
    """
    ids = [order.pk for order in orders]
    promises = _grouped(Promise.objects.filter(order__in=ids).order_by("version", "id"))
    boxes = _grouped(living_parcels().filter(order__in=ids))
    earlier = IncidentNotice.objects.filter(order__in=ids, version__incident=incident_id).select_related("base")
    newest = {row.order_id: row for row in earlier.order_by("version__number", "id")}
    delays = Counter(DelayCase.objects.filter(order__in=ids).order_by("id").values_list("order_id", flat=True))
    routes = _routes({order.service_id for order in orders})
    return [
        Case(
            order,
            promises[order.pk],
            boxes.get(order.pk, []),
            routes[order.service_id],
            delays[order.pk],
            newest.get(order.pk),
        )
        for order in orders
        if order.pk in promises
    ]


def read_orders(ids: Sequence[int]) -> QuerySet[Order]:
    """Return orders by id with the columns the telling needs and no others."""
    return Order.objects.filter(pk__in=ids).only(*_READ).order_by("pk")


def plans_by_parcel(cases: Sequence[Case]) -> Mapping[int, ParcelPlan]:
    """Return the plan that holds for each parcel that has one of its own.  One query, none without a second parcel."""
    later = [parcel.pk for case in cases for parcel in case.parcels if parcel.number > 1]
    if not later:
        return {}
    every = [parcel.pk for case in cases for parcel in case.parcels]
    rows = ParcelPlan.objects.filter(parcel__in=every).order_by("version", "id")
    return {row.parcel_id: row for row in rows}


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
class Verdict:
    """What becomes of one order: the outcome, the days we say now, and what an update compares with.

    `first` says that nobody told her of this crisis before.
    """

    outcome: str
    base: Promise
    counted_on: date
    moved: Moved | None = None
    facts: str = ""
    first: bool = True


def judge(case: Case, crisis: Crisis, *, at: datetime) -> Verdict:
    """Say what telling a crisis does to an order.  No query."""
    outcomes = IncidentNotice.Outcome
    told = case.earlier if case.earlier and case.earlier.outcome in {outcomes.TOLD, outcomes.SAME} else None
    today = case.route.destination.local_day(at)
    base = told.base if told and told.base else case.holds
    counted_on = told.counted_on if told else today
    said = _said(case, base, crisis)
    if not case.awaited or not reaches(
        said, hits=crisis.hits, starts_on=crisis.starts_on, ends_on=crisis.ends_on, today=today
    ):
        return Verdict(outcomes.OUTSIDE, base, counted_on)
    if not told and 0 < crisis.extra_days <= said.known_days:
        return Verdict(outcomes.KNEW, base, counted_on)
    moved = _moved(said, case, crisis, counted_on=counted_on, today=today)
    days = moved or case.holds
    facts = facts_of(*crisis.said_in(case.order.locale), str(days.deliver_from_on), str(days.deliver_by_on))
    same = told is not None and told.facts == facts
    return Verdict(outcomes.SAME if same else outcomes.TOLD, base, counted_on, moved, facts, first=told is None)


def _said(case: Case, base: Promise, crisis: Crisis) -> Said:
    return Said(
        deliver_from_on=base.deliver_from_on,
        deliver_by_on=base.deliver_by_on,
        starts_on=base.starts_on,
        hand_over_on=case.route.workshop.local_day(base.hand_over_by_at),
        gone=case.gone,
        home_weekdays=frozenset(base.basis.get("home_weekdays", [])),
        known_days=base.basis.get("crises", {}).get(str(crisis.id), 0),
    )


def _moved(said: Said, case: Case, crisis: Crisis, *, counted_on: date, today: date) -> Moved | None:
    """Return days later than those that hold, or None; a calendar without an answer moves nothing: the watch looks."""
    try:
        moved = move(said, hits=crisis.hits, extra_days=crisis.extra_days, counted_on=counted_on, route=case.route)
    except NoOpenDay:
        return None
    if moved is None or moved.deliver_by_on <= max(case.holds.deliver_by_on, today):
        return None
    return moved


# -- Before it is told ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """One order it concerns: what is promised, and what would be said."""

    order: Order
    promised: tuple[date, date]
    now: tuple[date, date] | None


@dataclass(frozen=True)
class Preview:
    """Whom telling it would reach: counts that stop at COUNT_AT_MOST, and the orders whose promise is the oldest."""

    total: int
    gone: int
    late: int
    examples: tuple[Example, ...]

    @property
    def capped(self) -> bool:
        """Say whether there are more than were counted."""
        return self.total > COUNT_AT_MOST


def preview(crisis: Crisis, *, at: datetime) -> Preview:
    """Look whom a crisis would concern, without changing anything.  Nine queries; none counts past COUNT_AT_MOST.

    The examples are the orders whose deadline comes first.
    """
    rows = open_orders(crisis, today=timezone.localdate(at))
    oldest = list(rows.only(*_READ).order_by("next_due_at", "pk")[:EXAMPLES])
    cases = cases_of(oldest, incident_id=crisis.id)
    return Preview(
        total=_count(rows),
        gone=_count(rows.filter(fulfilment_status=Order.Fulfilment.HANDED_OVER)),
        late=_count(rows.filter(service_status=Order.Service.LATE)),
        examples=tuple(_example(case, judge(case, crisis, at=at)) for case in cases),
    )


def _count(rows: QuerySet[Order]) -> int:
    return rows.order_by()[: COUNT_AT_MOST + 1].count()


def _example(case: Case, found: Verdict) -> Example:
    holds, moved = case.holds, found.moved
    now = (moved.deliver_from_on, moved.deliver_by_on) if moved else None
    return Example(case.order, (holds.deliver_from_on, holds.deliver_by_on), now)


def versions_of(incident_id: int) -> list[tuple[IncidentVersion, dict[str, int]]]:
    """Return what was told of a crisis, newest first, each with how many orders had which outcome.  Two queries."""
    rows = IncidentVersion.objects.filter(incident=incident_id).select_related("made_by").order_by("-number", "-id")
    notices = IncidentNotice.objects.filter(version__incident=incident_id).values_list("version_id", "outcome")
    counted: dict[int, dict[str, int]] = {}
    for version_id, outcome, orders in notices.annotate(orders=Count("id")).order_by("version_id", "outcome"):
        counted.setdefault(version_id, {})[outcome] = orders
    return [(row, counted.get(row.pk, {})) for row in rows]
