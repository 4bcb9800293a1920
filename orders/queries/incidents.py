"""Crises: whom one concerns, and what telling it would do.  What it does to each is `incident_verdicts`.

Source: commerce reference c-10; style 14.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from orders.models import IncidentNotice, IncidentVersion, Order, OrderLine, Parcel, ParcelLine, ParcelPlan, Promise
from orders.queries.incident_verdicts import Case, Verdict, cases_of, judge, read_orders
from orders.queries.plans import open_exchanges
from orders.rules.incident import Crisis, Moved, Scope

COUNT_AT_MOST = 10_000
EXAMPLES = 10
_BATCH = 500


def open_orders(crisis: Crisis, *, today: date) -> QuerySet[Order]:
    """Return the open orders a crisis may concern; the rule `reaches` has the last word about its days.

    By the index `order_not_arrived`.
    """
    scope = crisis.scope
    rows = Order.objects.filter(status=Order.Status.PLACED, delivered_at=None)
    promised = Promise.objects.filter(order=OuterRef("pk"), starts_on__lte=crisis.ends_on)
    reaching: Q | Exists = Exists(promised)
    if crisis.starts_on > today:
        own = ParcelPlan.objects.filter(parcel__order=OuterRef("pk"), starts_on__lte=crisis.ends_on)
        later = {"deliver_by_on__gte": crisis.starts_on}
        reaching = Exists(promised.filter(**later)) | Exists(own.filter(**later))
    rows = rows.filter(reaching, _place(scope))
    if scope.products:
        inside = OrderLine.objects.filter(order=OuterRef("pk"), variant__product__in=scope.products)
        rows = rows.filter(Exists(inside))
    if scope.couriers:
        carried = Parcel.objects.filter(order=OuterRef("pk"), carrier__in=scope.couriers, delivered_at=None)
        rows = rows.filter(Exists(carried.filter(handed_over_at__isnull=False)))
    return rows


def exchanges(crisis: Crisis, *, today: date) -> QuerySet[Parcel]:
    """Return the parcels a crisis may concern that still go in exchange for something, though their order arrived.

    By the index `parcel_of_exchange`.  Their place is the one of the order; what is inside, who carries them and on
    which days is their own.
    """
    scope = crisis.scope
    days = ParcelPlan.objects.filter(parcel=OuterRef("pk"), starts_on__lte=crisis.ends_on)
    if crisis.starts_on > today:
        days = days.filter(deliver_by_on__gte=crisis.starts_on)
    rows = open_exchanges().filter(Exists(days), _place(scope, "order__"))
    if scope.products:
        inside = ParcelLine.objects.filter(parcel=OuterRef("pk"), line__variant__product__in=scope.products)
        rows = rows.filter(Exists(inside))
    if scope.couriers:
        rows = rows.filter(carrier__in=scope.couriers, handed_over_at__isnull=False)
    return rows


def _place(scope: Scope, order: str = "") -> Q:
    found = Q()
    if scope.countries:
        found &= Q(**{f"{order}country__in": scope.countries})
    if scope.services:
        found &= Q(**{f"{order}service__in": scope.services})
    if scope.workshops:
        found &= Q(**{f"{order}service__workshop__in": scope.workshops})
    found &= _any(f"{order}postcode__istartswith", scope.postcodes)
    return found & _any(f"{order}region__iexact", sorted(scope.regions))


def _any(lookup: str, values: Sequence[str]) -> Q:
    found = Q()
    for value in values:
        found |= Q(**{lookup: value})
    return found


def told_orders(incident_id: int) -> QuerySet[Order]:
    """Return the orders on their way that were told of a crisis."""
    told = _told(incident_id).filter(order=OuterRef("pk"))
    return Order.objects.filter(Exists(told), status=Order.Status.PLACED, delivered_at=None)


def told_exchanges(incident_id: int) -> QuerySet[Parcel]:
    """Return the parcels that still go in exchange, of orders that arrived and were told of a crisis."""
    days = ParcelPlan.objects.filter(parcel=OuterRef("pk"))
    return open_exchanges().filter(Exists(days), Exists(_told(incident_id).filter(order=OuterRef("order"))))


def _told(incident_id: int) -> QuerySet[IncidentNotice]:
    return IncidentNotice.objects.filter(version__incident=incident_id, outcome=IncidentNotice.Outcome.TOLD)


def next_orders(version: IncidentVersion, crisis: Crisis, *, today: date, most: int) -> list[int]:
    """Return the ids of the next orders without a notice of this version, after its cursor.  Two queries.

    Those on their way, and those that arrived while something still goes in exchange.  Keyset over both: an order is
    never looked at twice in one pass, however many there are.
    """
    over = version.kind == IncidentVersion.Kind.OVER
    rows = told_orders(version.incident_id) if over else open_orders(crisis, today=today)
    noticed = IncidentNotice.objects.filter(order=OuterRef("pk"), version=version)
    coming = rows.filter(~Exists(noticed), pk__gt=version.cursor).order_by("pk").values_list("pk", flat=True)
    parcels = told_exchanges(version.incident_id) if over else exchanges(crisis, today=today)
    noticed = IncidentNotice.objects.filter(order=OuterRef("order"), version=version)
    again = parcels.filter(~Exists(noticed), order__gt=version.cursor).order_by("order_id").distinct("order_id")
    return sorted([*coming[:most], *again.values_list("order_id", flat=True)[:most]])[:most]


# -- Before it is told ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """One order it concerns: what is promised, and what would be said; None: the same.

    `parcels` are those on days of their own that it touches: their number, what we said and what would be said.
    `promised` is None when the order has arrived and these alone are to come.
    """

    order: Order
    promised: tuple[date, date] | None
    now: tuple[date, date] | None
    parcels: tuple[tuple[int, tuple[date, date], tuple[date, date] | None], ...] = ()


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
    """Look whom a crisis would concern, without changing anything.  Fourteen queries; none counts past COUNT_AT_MOST.

    The examples are the orders whose deadline comes first.
    """
    today = timezone.localdate(at)
    coming, arrived = open_orders(crisis, today=today), _orders_of(exchanges(crisis, today=today))
    oldest = [*_oldest(coming), *_oldest(arrived)]
    oldest.sort(key=lambda order: (order.next_due_at is None, order.next_due_at, order.pk))
    cases = cases_of(oldest[:EXAMPLES], incident_id=crisis.id)
    gone = Q(fulfilment_status=Order.Fulfilment.HANDED_OVER)
    return Preview(
        total=_count(coming) + _count(arrived),
        gone=_count(coming.filter(gone)) + _count(arrived.filter(gone)),
        late=_count(coming.filter(service_status=Order.Service.LATE)),
        examples=tuple(_example(case, judge(case, crisis, at=at)) for case in cases),
    )


def _oldest(rows: QuerySet[Order]) -> list[Order]:
    return list(read_orders(rows).order_by("next_due_at", "pk")[:EXAMPLES])


def _orders_of(parcels: QuerySet[Parcel]) -> QuerySet[Order]:
    return Order.objects.filter(pk__in=parcels.values("order"))


def outcomes(crisis: Crisis, *, at: datetime) -> Counter[str]:
    """Return how many of the orders a crisis may concern would have which outcome, without changing anything.

    Looks at the first COUNT_AT_MOST by id, in batches: six queries each.
    """
    today = timezone.localdate(at)
    found: Counter[str] = Counter()
    for rows in (open_orders(crisis, today=today), _orders_of(exchanges(crisis, today=today))):
        after = 0
        while sum(found.values()) < COUNT_AT_MOST and (batch := _next(rows, after)):
            cases = cases_of(batch, incident_id=crisis.id)
            found.update(str(judge(case, crisis, at=at).outcome) for case in cases)
            after = batch[-1].pk
    return found


def _next(rows: QuerySet[Order], after: int) -> list[Order]:
    return list(read_orders(rows).filter(pk__gt=after).order_by("pk")[:_BATCH])


def count_told(incident_id: int) -> tuple[int, bool]:
    """Return how many orders that wait for something were told of a crisis, up to COUNT_AT_MOST, and whether more."""
    found = _count(told_orders(incident_id)) + _count(_orders_of(told_exchanges(incident_id)))
    return min(found, COUNT_AT_MOST), found > COUNT_AT_MOST


def _count(rows: QuerySet[Order]) -> int:
    return rows.order_by()[: COUNT_AT_MOST + 1].count()


def _example(case: Case, found: Verdict) -> Example:
    parcels = tuple((each.parcel.number, _days(each.holds), _later(each.moved)) for each in found.own)
    promised = None if case.order.delivered_at else _days(case.holds)
    return Example(case.order, promised, _later(found.moved), parcels)


def _later(moved: Moved | None) -> tuple[date, date] | None:
    return _days(moved) if moved else None


def _days(said: Promise | ParcelPlan | Moved) -> tuple[date, date]:
    return said.deliver_from_on, said.deliver_by_on


def versions_of(incident_id: int) -> list[tuple[IncidentVersion, dict[str, int]]]:
    """Return what was told of a crisis, newest first, each with how many orders had which outcome.  Two queries."""
    rows = IncidentVersion.objects.filter(incident=incident_id).select_related("made_by").order_by("-number", "-id")
    notices = IncidentNotice.objects.filter(version__incident=incident_id).values_list("version_id", "outcome")
    counted: dict[int, dict[str, int]] = {}
    for version_id, outcome, orders in notices.annotate(orders=Count("id")).order_by("version_id", "outcome"):
        counted.setdefault(version_id, {})[outcome] = orders
    return [(row, counted.get(row.pk, {})) for row in rows]
