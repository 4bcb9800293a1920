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

from orders.models import IncidentNotice, IncidentVersion, Order, OrderLine, Parcel, ParcelPlan, Promise
from orders.queries.incident_verdicts import Case, Verdict, cases_of, judge, read_orders
from orders.rules.incident import Crisis, Moved

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
    rows = rows.filter(reaching)
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


# -- Before it is told ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """One order it concerns: what is promised, and what would be said; None: the same.

    `parcels` are those on days of their own that it touches: their number, what we said and what would be said.
    """

    order: Order
    promised: tuple[date, date]
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
    """Look whom a crisis would concern, without changing anything.  Ten queries; none counts past COUNT_AT_MOST.

    The examples are the orders whose deadline comes first.
    """
    rows = open_orders(crisis, today=timezone.localdate(at))
    oldest = list(read_orders(rows).order_by("next_due_at", "pk")[:EXAMPLES])
    cases = cases_of(oldest, incident_id=crisis.id)
    return Preview(
        total=_count(rows),
        gone=_count(rows.filter(fulfilment_status=Order.Fulfilment.HANDED_OVER)),
        late=_count(rows.filter(service_status=Order.Service.LATE)),
        examples=tuple(_example(case, judge(case, crisis, at=at)) for case in cases),
    )


def outcomes(crisis: Crisis, *, at: datetime) -> Counter[str]:
    """Return how many of the orders a crisis may concern would have which outcome, without changing anything.

    Looks at the first COUNT_AT_MOST by id, in batches: six queries each.
    """
    rows = read_orders(open_orders(crisis, today=timezone.localdate(at))).order_by("pk")
    found: Counter[str] = Counter()
    after = 0
    while sum(found.values()) < COUNT_AT_MOST and (batch := list(rows.filter(pk__gt=after)[:_BATCH])):
        cases = cases_of(batch, incident_id=crisis.id)
        found.update(str(judge(case, crisis, at=at).outcome) for case in cases)
        after = batch[-1].pk
    return found


def count_told(incident_id: int) -> tuple[int, bool]:
    """Return how many open orders were told of a crisis, counted up to COUNT_AT_MOST, and whether there are more."""
    found = _count(told_orders(incident_id))
    return min(found, COUNT_AT_MOST), found > COUNT_AT_MOST


def _count(rows: QuerySet[Order]) -> int:
    return rows.order_by()[: COUNT_AT_MOST + 1].count()


def _example(case: Case, found: Verdict) -> Example:
    parcels = tuple((each.parcel.number, _days(each.holds), _later(each.moved)) for each in found.own)
    return Example(case.order, _days(case.holds), _later(found.moved), parcels)


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
